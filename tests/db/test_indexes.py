"""The queries that run all the time have their indexes."""

import pytest
from sqlalchemy import text

from db.session import transaction
from worker import leases, ledger

PLANS = {
    "ix_events_retrying": (leases._LEASE, {"token": None, "seconds": 1}),
    "ix_events_received": (leases._FALLEN, {"token": None, "seconds": 1, "count": 10}),
}


def plan(statement, keys):
    with transaction() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        session.execute(text("SET LOCAL enable_bitmapscan = off"))
        found = session.execute(text(f"EXPLAIN {statement}"), {"service": "stripe"} | keys)
        return "\n".join(found.scalars())


@pytest.mark.parametrize("index", PLANS)
def test_work_to_do_is_found_by_its_partial_index(index, clean):
    assert index in plan(*PLANS[index])


def test_whether_anything_is_due_is_told_by_the_partial_indexes(clean):
    found = plan(ledger._DUE, {})
    assert "ix_events_received" in found
    assert "ix_events_retrying" in found


@pytest.mark.parametrize(
    ("index", "condition"),
    [
        ("ix_events_dead", "status = 'dead' ORDER BY settled_at"),
        ("ix_events_service_received_at", "received_at > now() ORDER BY received_at DESC"),
    ],
)
def test_a_question_to_the_ledger_is_answered_by(index, condition, clean):
    query = f"SELECT * FROM {ledger.TABLE} WHERE service = :service AND {condition}"
    assert index in plan(query, {})
