"""What was never applied set nothing, and what a replay made unknown is not claimed."""

import pytest

from tests.worker.stories import T0, clerk, drained, put, stripe, subscription
from worker import why

TABLE = "stripe_subscriptions"
BESIDE = """
    INSERT INTO events (service, event_id, endpoint, account, type, entity, status, received_at,
        headers, body)
    SELECT service, 'evt_3', endpoint, account, type, entity, %s, now(), headers, %s
    FROM events WHERE event_id = 'evt_2'
"""
GONE = {"object": "user", "id": "user_1", "deleted": True}
KEPT = """
    INSERT INTO stripe_customers (id, account)
    SELECT 'cus_' || n, CASE WHEN n % 3 = 0 THEN 'acct_2' ELSE '' END
    FROM generate_series(1, 3000) AS n
"""


def told(id, at, **fields):
    return stripe(id, "customer.subscription.updated", subscription(**fields), at)


def applied(id, at, **fields):
    put(told(id, at, **fields))
    drained()


def setter(name):
    return {column.name: column.event_id for column in why.row(TABLE, "sub_1").columns}[name]


def outcomes():
    return {step.event_id: step.outcome for step in why.row(TABLE, "sub_1").events}


def become(sql, id, status):
    """Have an event be as if it had never been applied."""
    sql.execute("UPDATE events SET status = %s WHERE event_id = %s", [status, id])


@pytest.mark.parametrize("status", ["dead", "retrying", "received", "ignored", "discarded"])
def test_an_event_that_was_not_applied_neither_set_a_column_nor_ends_the_search(sql, status):
    applied("evt_0", T0 - 10, status="active")
    applied("evt_1", T0, status="active")
    applied("evt_2", T0 + 5, status="active")
    newer = told("evt_3", T0 + 10, status="past_due")
    sql.execute(BESIDE, [status, newer.body])
    become(sql, "evt_0", status)
    assert setter("status") == "evt_1"


def test_an_event_that_died_did_not_tell_the_deletion_that_stands(sql):
    for id in ("m1", "m2"):
        put(clerk(id, "user.deleted", GONE, T0))
        drained("clerk")
    become(sql, "m1", "dead")
    (deleted,) = [c for c in why.row("clerk_users", "user_1").columns if c.name == "deleted_at"]
    assert deleted.event_id == "m2"


def test_a_replayed_event_is_not_said_to_have_come_too_late(sql):
    applied("evt_1", T0)
    applied("evt_2", T0 + 10, status="past_due")
    sql.execute("UPDATE events SET settled_at = now(), redriven_at = now() WHERE event_id='evt_1'")
    assert outcomes() == {"evt_1": "older", "evt_2": "stands"}
    assert "older than evt_2" in why.row(TABLE, "sub_1").events[0].words


def test_nor_is_one_said_to_be_overwritten_by_what_was_replayed_since(sql):
    applied("evt_2", T0 + 10, status="past_due")
    applied("evt_1", T0)
    sql.execute(
        "UPDATE events SET settled_at = now() + interval '1 s', redriven_at = now()"
        " WHERE event_id = 'evt_2'"
    )
    assert outcomes() == {"evt_1": "older", "evt_2": "stands"}


def test_a_row_is_found_by_the_key_that_begins_with_the_account(sql, asked):
    sql.execute(KEPT)
    sql.execute("ANALYZE stripe_customers")
    assert why.row("stripe_customers", "cus_3").account == "acct_2"
    plans = [plan for plan in asked() if "stripe_customers" in plan]
    assert plans
    assert not [plan for plan in plans if "Seq Scan" in plan]


@pytest.fixture
def asked(sql):
    """Give the plan of each statement that has been asked of the mirrors since."""
    from sqlalchemy import event

    from db.session import engine

    found = []

    def explain(_connection, cursor, statement, parameters, _context, _many):
        if statement.lstrip().startswith(("SELECT", "WITH")):
            found.append((statement, parameters))

    event.listen(engine(), "after_cursor_execute", explain)

    def plans():
        with engine().connect() as connection:
            event.remove(engine(), "after_cursor_execute", explain)
            return [
                str(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).all())
                for statement, parameters in found
            ]

    return plans
