"""What is our own fault (a store away, a lock held) judges nothing and loses nothing."""

import os
from threading import Thread

import psycopg
import pytest
from celery.exceptions import SoftTimeLimitExceeded
from redis import exceptions as redis
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from tests import handlers
from tests.worker.stories import customer_event, drained, invoice, put
from worker import inbox

LOCK = text("SELECT FROM tallyman_test.stripe_customers WHERE id = :id FOR UPDATE")


def end_own_backend(session, _event):
    """Have the server end the connection of the drain, then ask it something."""
    pid = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
    session.execute(text("SELECT 1"))


def wait_in_vain(session, _event):
    """Wait for a row that another transaction has locked, but not for the usual five seconds."""
    session.execute(text("SET LOCAL lock_timeout = '1ms'"))
    session.execute(LOCK, {"id": "cus_locked"})


def be_chosen_as_victim(session, _event):
    """Lock two rows in the order opposite to another transaction's; the server picks us."""
    session.execute(text("SET LOCAL deadlock_timeout = '1ms'"))
    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        session.execute(LOCK, {"id": "cus_mine"})
        lock = "SELECT FROM tallyman_test.stripe_customers WHERE id = %s FOR UPDATE"
        other.execute("SET deadlock_timeout = '10s'")
        other.execute(lock, ["cus_locked"])
        waiting = Thread(target=other.execute, args=(lock, ["cus_mine"]))
        waiting.start()
        try:
            session.execute(LOCK, {"id": "cus_locked"})
        finally:
            session.rollback()
            waiting.join()


def raising(error):
    def act(_session, _event):
        raise error

    return act


FAULTS = {
    "backend ended": end_own_backend,
    "lock timeout": wait_in_vain,
    "deadlock": be_chosen_as_victim,
    "soft time limit": raising(SoftTimeLimitExceeded()),
}


@pytest.fixture
def locked(sql):
    """A transaction of somebody else that holds the row `cus_locked`."""
    for id in ("cus_locked", "cus_mine"):
        sql.execute("INSERT INTO stripe_customers (account, id) VALUES ('', %s)", [id])
    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        other.execute("SET search_path = tallyman_test")
        yield other


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_judged_and_the_next_drain_applies_all_when(fault, locked, ledger, rested, rows):
    if fault == "lock timeout":
        locked.execute("SELECT FROM stripe_customers WHERE id = 'cus_locked' FOR UPDATE")
    handlers.behaviour["invoice.paid"] = FAULTS[fault]
    put(customer_event("evt_1"), invoice("evt_2"), customer_event("evt_3", id="cus_3"))

    assert drained() == {"left": 3}
    assert ledger() == {}
    assert {row["id"] for row in rows("stripe_customers")} == {"cus_locked", "cus_mine"}
    assert inbox.resting("stripe")

    handlers.behaviour.clear()
    locked.rollback()
    rested()
    assert drained() == {"handled": 3, "left": 0}
    assert {kept["attempts"] for kept in ledger().values()} == {1}


def test_a_drain_does_not_start_when_the_service_rests(ledger):
    put(invoice())
    inbox.rest("stripe", 60)

    assert drained() == {}
    assert ledger() == {}


def test_other_services_go_on_when_one_rests(ledger):
    put(invoice())
    inbox.rest("clerk", 60)

    assert drained()["handled"] == 1


def test_a_batch_may_be_handed_back_any_number_of_times_without_being_suspected(rested, ledger):
    handlers.behaviour["invoice.paid"] = end_own_backend
    put(invoice("evt_1"), invoice("evt_2"))
    for _ in range(6):
        drained()
        rested()
    handlers.behaviour.clear()

    assert drained() == {"handled": 2, "left": 0}
    assert set(ledger()) == {"evt_1", "evt_2"}


@pytest.mark.parametrize("fault", ["lock timeout", "soft time limit"])
def test_an_event_whose_handler_waits_without_end_does_not_hold_up_the_others(
    fault, locked, rested, ledger
):
    locked.execute("SELECT FROM stripe_customers WHERE id = 'cus_locked' FOR UPDATE")
    handlers.behaviour["invoice.paid"] = FAULTS[fault]
    put(customer_event("evt_1"), invoice("evt_2"), customer_event("evt_3", id="cus_3"))
    for _ in range(6):
        drained()
        rested()

    found = {id: kept["status"] for id, kept in ledger().items()}
    assert inbox.backlog("stripe").waiting == 0
    assert sorted(found.values()) == ["handled", "handled", "retrying"]


def test_an_error_of_a_handlers_own_redis_is_the_handlers(ledger):
    handlers.behaviour["invoice.paid"] = raising(redis.ResponseError("WRONGTYPE"))
    put(invoice("evt_1"), customer_event("evt_2"))

    assert drained() == {"handled": 1, "retrying": 1, "left": 0}


def test_a_database_that_refuses_to_write_is_asked_once_and_rests(sql, ledger):
    put(invoice("evt_in_test"), invoice("evt_2"))
    sql.execute("ALTER TABLE events RENAME TO elsewhere")
    try:
        with pytest.raises(ProgrammingError) as refused:
            drained()
    finally:
        sql.execute("ALTER TABLE elsewhere RENAME TO events")

    assert inbox.resting("stripe")
    assert "in_test" not in str(refused.value)
    assert "livemode" not in str(refused.value)
