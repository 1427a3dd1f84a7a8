"""What failed is tried again when it is due, until it is handled or the attempts are spent."""

import time
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.exc import InterfaceError

from tests import handlers
from tests.worker.stories import (
    DUE,
    POLICY,
    SERVICES,
    customer_event,
    drained,
    fail,
    invoice,
    put,
    retried,
)
from worker import attempts, inbox, slots


def test_an_event_is_handled_by_its_second_attempt(failed, ledger):
    assert retried() == {"handled": 1}
    kept = ledger()["evt_1"]
    assert (kept["status"], kept["attempts"], kept["error"]) == ("handled", 2, None)
    assert (kept["retry_at"], kept["lease_token"]) == (None, None)
    assert [event.attempt for event in handlers.calls] == [2]


def test_rows_of_a_failed_event_are_written_by_its_retry(sql, rows):
    handlers.behaviour["customer.updated"] = fail
    put(customer_event(name="Ada"))
    drained()
    assert rows("stripe_customers") == []

    sql.execute(DUE)
    handlers.behaviour.clear()
    retried()
    assert [row["name"] for row in rows("stripe_customers")] == ["Ada"]


def test_a_delivery_that_comes_again_changes_nothing_while_its_event_waits_for_a_retry(ledger):
    handlers.behaviour["invoice.paid"] = fail
    put(invoice())
    drained()
    before = ledger()
    put(invoice())

    assert drained() == {"duplicate": 1, "left": 0}
    assert ledger() == before


def test_nothing_is_attempted_before_it_is_due(ledger):
    handlers.behaviour["invoice.paid"] = fail
    put(invoice())
    drained()

    assert attempts.retry(SERVICES["stripe"], POLICY) == "nothing done"


def test_an_event_is_dead_with_its_error_when_the_attempts_are_spent(failed, sql, ledger):
    handlers.behaviour["invoice.paid"] = fail
    assert retried() == {"retrying": 1}
    sql.execute(DUE)

    assert retried() == {"dead": 1}
    kept = ledger()["evt_1"]
    assert (kept["attempts"], kept["error"], kept["retry_at"]) == (3, "Transient: not yet", None)


def test_the_attempt_is_given_back_when_the_error_is_ours(failed, ledger):
    def cut_off(_session, _event):
        raise InterfaceError("SELECT 1", {}, Exception("the connection is closed"))

    handlers.behaviour["invoice.paid"] = cut_off

    assert attempts.retry(SERVICES["stripe"], POLICY) == "nothing done"
    kept = ledger()["evt_1"]
    assert (kept["status"], kept["attempts"], kept["lease_token"]) == ("retrying", 1, None)
    assert kept["retry_at"] < datetime.now(UTC)
    assert inbox.resting("stripe")


def test_retries_rest_when_postgres_had_ended_all_connections(failed, sql, ledger, rested):
    sql.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tallyman'"
    )
    assert attempts.retry(SERVICES["stripe"], POLICY) == "nothing done"
    assert ledger()["evt_1"]["attempts"] == 1

    rested()
    assert retried() == {"handled": 1}


def test_retries_rest_while_the_service_rests(failed, ledger):
    inbox.rest("stripe", 60)

    assert attempts.retry(SERVICES["stripe"], POLICY) == "resting"
    assert ledger()["evt_1"]["attempts"] == 1


def test_a_handler_that_spoils_the_transaction_is_judged_on_a_retry_too(failed, ledger):
    handlers.behaviour["invoice.paid"] = lambda session, _: session.rollback()

    assert retried() == {"retrying": 1}
    assert ledger()["evt_1"]["error"].startswith("Spoilt: ")


def test_an_error_that_postgres_cannot_store_does_not_stop_the_other_retries(sql, ledger):
    def act(_session, event):
        raise ValueError("\0 \ud800" if event.id == "evt_1" else "x")

    handlers.behaviour["invoice.paid"] = act
    put(invoice("evt_1"), invoice("evt_2"))
    drained()
    sql.execute(DUE)

    assert retried() == {"retrying": 2}
    assert {kept["attempts"] for kept in ledger().values()} == {2}


def test_one_failed_retry_does_not_touch_another(sql, ledger):
    handlers.behaviour["invoice.paid"] = fail
    put(*[invoice(f"evt_{n}") for n in range(4)])
    drained()
    sql.execute(DUE)

    def act(session, event):
        if event.id == "evt_2":
            session.execute(text("SELECT 1/0"))

    handlers.behaviour["invoice.paid"] = act

    assert retried() == {"handled": 3, "dead": 1}
    assert ledger()["evt_2"]["error"] == "DataError: division by zero"


def test_a_thread_that_is_at_it_beyond_its_lease_is_noticed(failed, monkeypatch):
    seen = []

    def hang(_session, _event):
        seen.append(slots.stuck())
        later = time.monotonic() + 1000
        with monkeypatch.context() as clock:
            clock.setattr(time, "monotonic", lambda: later)
            seen.append(slots.stuck())

    handlers.behaviour["invoice.paid"] = hang
    retried()

    assert seen == [False, True]
    assert not slots.stuck()
