"""What becomes of an event whose handling fails, and of its neighbours in the batch."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from integrations.errors import Permanent, Transient
from tests import handlers
from tests.worker.stories import customer_event, drained, invoice, put


def failing(error, only=None):
    """Return a handler's deed that raises the error, for one event or for all."""

    def act(_session, event):
        if only in {None, event.id}:
            raise error

    return act


@pytest.mark.parametrize("error", [Transient("the service is away"), ValueError("a bug")])
def test_an_event_is_retried_later_when_its_handler_fails(error, ledger):
    handlers.behaviour["invoice.paid"] = failing(error)
    put(invoice())

    assert drained()["retrying"] == 1
    kept = ledger()["evt_1"]
    assert (kept["attempts"], kept["settled_at"]) == (1, None)
    assert kept["retry_at"] > datetime.now(UTC)
    assert kept["error"] == f"{type(error).__name__}: {error}"


def test_the_wait_is_at_least_what_the_service_asked_for(ledger):
    handlers.behaviour["invoice.paid"] = failing(Transient("slow down", retry_after=3000))
    put(invoice())
    drained()

    assert (ledger()["evt_1"]["retry_at"] - datetime.now(UTC)).total_seconds() > 2900


def test_an_event_is_dead_at_once_when_the_error_is_permanent(ledger):
    handlers.behaviour["invoice.paid"] = failing(Permanent("there is no such plan"))
    put(invoice())

    assert drained()["dead"] == 1
    kept = ledger()["evt_1"]
    assert (kept["status"], kept["attempts"]) == ("dead", 1)
    assert kept["error"] == "Permanent: there is no such plan"
    assert kept["settled_at"] is not None


@pytest.mark.parametrize("position", [0, 31, 63])
@pytest.mark.parametrize("error", [Transient("x"), Permanent("x")])
def test_only_the_failing_one_of_64_fails(position, error, ledger):
    handlers.behaviour["invoice.paid"] = failing(error, only=f"evt_{position:02}")
    put(*[invoice(f"evt_{n:02}") for n in range(64)])

    assert drained()["handled"] == 63
    failed = [id for id, kept in ledger().items() if kept["status"] != "handled"]
    assert failed == [f"evt_{position:02}"]


def test_only_the_one_that_the_database_refuses_is_dead_among_64(ledger, rows):
    def act(session, event):
        number = 1_000_000 if event.id == "evt_17" else 1
        session.execute(text("SELECT CAST(:n AS smallint)"), {"n": number})

    handlers.behaviour["customer.updated"] = act
    put(*[customer_event(f"evt_{n}", id=f"cus_{n}") for n in range(64)])

    assert drained() == {"handled": 63, "dead": 1, "left": 0}
    assert "smallint" in ledger()["evt_17"]["error"]
    assert "cus_17" not in {row["id"] for row in rows("stripe_customers")}


def test_what_a_handler_wrote_is_rolled_back_when_it_fails(sql, rows):
    def act(session, event):
        session.execute(text("INSERT INTO tallyman_test.notes VALUES (:id)"), {"id": event.id})
        if event.id == "evt_2":
            raise Transient("after writing")

    sql.execute("CREATE TABLE tallyman_test.notes (id text)")
    try:
        handlers.behaviour["customer.updated"] = act
        put(*[customer_event(f"evt_{n}", id=f"cus_{n}") for n in range(4)])
        drained()
        assert [row["id"] for row in rows("notes")] == ["evt_0", "evt_1", "evt_3"]
        assert "cus_2" not in {row["id"] for row in rows("stripe_customers")}
    finally:
        sql.execute("DROP TABLE tallyman_test.notes")


@pytest.mark.parametrize(
    "leak",
    [
        "whsec_abcdefgh12345678",
        "sk_live_abcdefgh12345678",
        "ada@example.com",
        "Bearer abcdefgh",
        "https://user:hunter2@host",
    ],
)
def test_errors_in_the_ledger_hold_no_secret_and_no_address(leak, ledger):
    handlers.behaviour["invoice.paid"] = failing(ValueError(f"a call with {leak} failed"))
    put(invoice())
    drained()

    assert leak not in ledger()["evt_1"]["error"]
    assert "[redacted]" in ledger()["evt_1"]["error"]


def test_a_database_error_in_the_ledger_shows_no_parameters(ledger):
    query = "INSERT INTO tallyman_test.clerk_users (id, first_name, clock) VALUES ('x', :n, NULL)"

    def act(session, _event):
        session.execute(text(query), {"n": "Personal"})

    handlers.behaviour["customer.updated"] = act
    put(customer_event())
    drained()

    assert "clock" in ledger()["evt_1"]["error"]
    assert "Personal" not in ledger()["evt_1"]["error"]


def test_an_error_with_characters_that_postgres_refuses_is_kept_all_the_same(ledger):
    handlers.behaviour["invoice.paid"] = failing(ValueError("a \0 and a \ud800"))
    put(invoice(), invoice("evt_2"))

    assert drained()["retrying"] == 2
    assert ledger()["evt_1"]["error"]


def _swallow(session, _event):
    with suppress(IntegrityError):
        session.execute(text("INSERT INTO tallyman_test.clerk_users (id) VALUES (NULL)"))


def _roll_back(session, _event):
    session.rollback()


@pytest.mark.parametrize("spoil", [_swallow, _roll_back])
@pytest.mark.parametrize("others", [0, 3])
def test_an_event_is_not_lost_when_its_handler_spoils_the_transaction(spoil, others, ledger):
    handlers.behaviour["customer.updated"] = spoil
    put(customer_event("evt_spoilt"), *[invoice(f"evt_{n}") for n in range(others)])
    drained()

    assert ledger()["evt_spoilt"]["status"] == "retrying"
    assert [k["status"] for id, k in ledger().items() if id != "evt_spoilt"] == ["handled"] * others


def test_a_handler_that_commits_is_refused_and_its_neighbours_take_effect(ledger):
    handlers.behaviour["customer.updated"] = lambda session, _: session.commit()
    put(customer_event("evt_1"), invoice("evt_2"))
    drained()

    found = ledger()
    assert (found["evt_1"]["status"], found["evt_2"]["status"]) == ("retrying", "handled")
    assert "committed outside" in found["evt_1"]["error"]
    assert handlers.calls[-1].id == "evt_2"


def test_a_handler_may_use_savepoints(ledger):
    def guarded(session, _event):
        with session.begin_nested():
            session.execute(text("SELECT 1"))

    handlers.behaviour["customer.updated"] = guarded
    put(customer_event("evt_1"))

    assert drained()["handled"] == 1
