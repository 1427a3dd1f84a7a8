"""Who a customer of Stripe is."""

from datetime import UTC, datetime

import pytest

from db.models.clerk import User
from db.models.stripe import Customer
from db.models.stripe_payments import CheckoutSession
from db.session import transaction
from integrations.errors import Deferred
from integrations.identity import person
from settings import settings


@pytest.fixture(autouse=True)
def empty(clean):
    return


@pytest.fixture
def by_email(monkeypatch):
    monkeypatch.setenv("IDENTIFY_BY_EMAIL", "true")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def store(*rows):
    with transaction() as session:
        session.add_all(rows)


def customer(**fields):
    return Customer(**({"id": "cus_1", "account": "", "data": {}, "clock": 1} | fields))


def checkout(id="cs_1", day=1, **fields):
    created = datetime(2026, 1, day, tzinfo=UTC)
    known = {"account": "", "customer": "cus_1", "created": created, "data": {}, "clock": 1}
    return CheckoutSession(id=id, **(known | fields))


def user(id="user_1", **fields):
    known = {"primary_email": "ada@example.org", "primary_email_verified": True}
    return User(id=id, **({"data": {}, "clock": 1} | known | fields))


def who(account=""):
    with transaction() as session:
        return person(session, "cus_1", account)


def test_the_metadata_say_it_before_any_checkout():
    store(customer(metadata_={"user_id": "user_1"}), checkout(client_reference_id="user_2"))
    assert who() == "user_1"


def test_else_the_newest_checkout_that_names_somebody_does():
    store(
        customer(metadata_={"plan": "pro"}),
        checkout("cs_1", 1, client_reference_id="user_1"),
        checkout("cs_2", 2, client_reference_id="user_2"),
        checkout("cs_3", 3),
    )
    assert who() == "user_2"


def test_a_checkout_is_enough_where_nothing_is_known_of_the_customer():
    store(checkout(client_reference_id="user_1"))
    assert who() == "user_1"


def test_another_accounts_customer_is_somebody_else():
    store(customer(account="acct_1", metadata_={"user_id": "user_1"}))
    assert who("acct_1") == "user_1"
    with pytest.raises(Deferred):
        who()


@pytest.mark.parametrize("metadata", [None, {}, {"user_id": ""}, {"user_id": "cus_1"}])
def test_a_customer_is_never_a_person(metadata):
    store(customer(metadata_=metadata), checkout(client_reference_id="cus_1"))
    with pytest.raises(Deferred, match="it is not known who the customer is") as waits:
        who()
    assert waits.value.wait > 0


def test_an_address_tells_nobody_unless_it_may():
    store(customer(email="ada@example.org"), user())
    with pytest.raises(Deferred, match=r"no metadata\.user_id, no checkout"):
        who()


@pytest.mark.parametrize("email", ["ada@example.org", "Ada@Example.org"])
def test_an_address_that_one_user_has_verified_tells_who_it_is(by_email, email):
    store(customer(email=email), user())
    assert who() == "user_1"


@pytest.mark.parametrize(
    "users",
    [
        [],
        [{"primary_email_verified": False}],
        [{"deleted_at": datetime(2026, 1, 1, tzinfo=UTC)}],
        [{}, {"id": "user_2"}],
    ],
    ids=["nobody's", "not verified", "of one deleted", "of two"],
)
def test_an_address_that_is_no_one_users_tells_nothing(by_email, users):
    store(customer(email="ada@example.org"), *(user(**fields) for fields in users))
    with pytest.raises(Deferred, match="no one user has verified its e-mail address"):
        who()
