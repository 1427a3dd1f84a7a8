"""An object of a shape that nobody expects is dead with a reason, and stops no other."""

from decimal import Decimal

import pytest

from tests.worker import stories
from tests.worker.stories import clerk, customer_event, drained, put, stripe

UPDATED = "customer.subscription.updated"


BAD_OBJECTS: dict[str, stories.Object] = {
    "number as id": {"object": "customer", "id": 1},
    "long id": stories.customer("c" * 300),
    "number as name": stories.customer(name=1),
    "list as metadata": stories.customer(metadata=[1]),
    "beyond bigint": stories.customer(balance=2**63),
    "far beyond bigint": stories.customer(balance=10**40),
    "beyond the year 9999": stories.customer(created=10**12),
    "an address beyond what an index holds": stories.customer(
        email="".join(chr(0x4E00 + n) for n in range(20_000))
    ),
    "null item": stories.subscription() | {"items": {"data": [None]}},
    "item without an id": stories.subscription() | {"items": {"data": [{}]}},
    "number as customer": stories.subscription(customer=3),
    "long customer": stories.subscription(customer="c" * 300),
    "no number": stories.price(unit_amount_decimal="many"),
    "infinite": stories.price(unit_amount_decimal="Infinity"),
    "not a number": stories.price(unit_amount_decimal="NaN"),
    "huge exponent": stories.price(unit_amount_decimal="1e999999"),
    "vast exponent": stories.price(unit_amount_decimal="1e99999999999"),
    "vast negative exponent": stories.price(unit_amount_decimal="1e-99999999999"),
}


@pytest.mark.parametrize("name", BAD_OBJECTS)
def test_an_object_of_the_wrong_shape_is_dead_and_its_neighbours_are_handled(name, ledger):
    bad = stripe("evt_bad", "customer.updated", BAD_OBJECTS[name])
    put(customer_event("evt_1", id="cus_8"), bad, customer_event("evt_2", id="cus_9"))

    assert drained() == {"dead": 1, "handled": 2, "left": 0}
    assert ledger()["evt_bad"]["error"]
    assert ledger()["evt_bad"]["body"] == bad.body


@pytest.mark.parametrize("object", [{"object": "invoice"}, {"object": "invoice", "id": None}])
def test_an_object_without_an_id_is_kept_and_not_mirrored(object, ledger, rows):
    put(stripe("evt_1", "invoice.upcoming", object))

    assert drained() == {"ignored": 1, "left": 0}
    assert ledger()["evt_1"]["reason"] == "nothing handles invoice.upcoming"
    assert rows("stripe_invoices") == []


def test_an_object_without_an_id_is_handled_where_a_handler_exists(ledger, rows):
    put(stripe("evt_1", "invoice.paid", {"object": "invoice"}))

    assert drained() == {"handled": 1, "left": 0}
    assert rows("stripe_invoices") == []


@pytest.mark.parametrize(
    "amount", ["1e-7", "0.000000000001", "12345678901234567890.5", "-0", str(Decimal(2) ** 200)]
)
def test_exact_decimals_stay_exact(amount, rows):
    put(stripe("evt_1", "price.updated", stories.price(unit_amount_decimal=amount)))
    drained()

    assert rows("stripe_prices")[0]["unit_amount_decimal"] == Decimal(amount)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"object": "user"},
        {"object": "user", "id": None},
        {"object": ["user"], "id": "user_1"},
        stories.user("u" * 300),
        stories.user(at=10**15),
        stories.user(updated_at="yesterday"),
        stories.user(email_addresses=None),
        stories.user(email_addresses=[None]),
        stories.user(created_at=10**18),
    ],
    ids=str,
)
def test_an_odd_user_is_settled(data, ledger):
    put(clerk("msg_1", "user.updated", data), clerk("msg_2", "user.updated", stories.user()))

    assert drained("clerk")["left"] == 0
    assert {kept["status"] for kept in ledger().values()} <= {"handled", "ignored", "dead"}
    assert ledger()["msg_2"]["status"] == "handled"


def test_one_of_a_hundred_that_breaks_the_statement_stops_no_other(ledger):
    bad = stripe("evt_bad", "price.updated", stories.price(unit_amount_decimal="1e200000"))
    put(*[customer_event(f"evt_{n}", id=f"cus_{n}") for n in range(70)], bad)
    put(stripe("evt_sub", UPDATED, stories.subscription()))

    assert drained() == {"handled": 71, "dead": 1, "left": 0}
