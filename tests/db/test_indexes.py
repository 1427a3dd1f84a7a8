"""The queries that run all the time have their indexes."""

import pytest
from sqlalchemy import text

from db.base import SCHEMA
from db.session import transaction
from integrations.sources import SYNCS
from worker import effect_leases, leases, ledger
from worker.contracts import contract
from worker.signals import failures, quarters, silence, waiting
from worker.syncs import refetch, settle

PLANS = {
    "ix_events_retrying": (leases._LEASE, {"token": None, "seconds": 1}),
    "ix_events_received": (leases._FALLEN, {"token": None, "seconds": 1, "count": 10}),
}


def plan(statement, keys):
    with transaction() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        session.execute(text("SET LOCAL enable_bitmapscan = off"))
        # what other tests left in the statistics is not to choose the way of a join
        session.execute(text("SET LOCAL enable_hashjoin = off"))
        session.execute(text("SET LOCAL enable_mergejoin = off"))
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


@pytest.mark.parametrize(
    ("index", "question"),
    [
        ("ix_clerk_users_primary_email", "clerk_users WHERE primary_email = 'ada@example.org'"),
        ("ix_clerk_users_external_id", "clerk_users WHERE external_id = '42'"),
        ("ix_clerk_organizations_slug", "clerk_organizations WHERE slug = 'abacus'"),
        (
            "ix_clerk_memberships_organization_id_user_id",
            "clerk_memberships WHERE organization_id = 'org_1'",
        ),
        ("ix_clerk_memberships_user_id", "clerk_memberships WHERE user_id = 'user_1'"),
        (
            "ix_clerk_invitations_organization_id_status",
            "clerk_invitations WHERE organization_id = 'org_1' AND status = 'pending'",
        ),
        (
            "ix_clerk_invitations_email_address",
            "clerk_invitations WHERE email_address = 'ada@example.org'",
        ),
        (
            "ix_clerk_memberships_organization_id_user_id",
            "organization_members WHERE organization_id = 'org_1'",
        ),
        ("ix_clerk_memberships_user_id", "organization_members WHERE user_id = 'user_1'"),
        (
            "ix_stripe_subscriptions_customer_status",
            "active_subscriptions WHERE customer = 'cus_1'",
        ),
    ],
)
def test_a_question_to_the_mirrors_is_answered_by(index, question, clean):
    assert index in plan(f"SELECT * FROM {SCHEMA}.{question}", {})


LEASED = {"target": "x", "token": None, "seconds": 1, "longest": 1}


@pytest.mark.parametrize(
    ("index", "statement", "keys"),
    [
        ("ix_effects_waiting", effect_leases._LEASE, LEASED),
        ("ix_effects_leased", effect_leases._LEASE, LEASED),
        (
            "ix_effects_waiting_entity",
            effect_leases._MERGE,
            {"target": "x", "action": "x", "entity": "x", "reason": "x"},
        ),
        ("ix_effects_waiting", effect_leases._DUE, {"names": ["x"]}),
    ],
)
def test_effects_to_perform_are_found_by_their_partial_indexes(index, statement, keys, clean):
    assert index in plan(statement, keys)


@pytest.mark.parametrize("service", SYNCS.values(), ids=SYNCS)
def test_what_is_to_be_fetched_is_found_by_partial_indexes(service, clean):
    for of, table in refetch.fetched(service):
        found = plan(settle.due_in(((of, table),)), {"count": 10})
        assert {f"ix_{table.name}_{name}" for name in ("refetch", "unknown")} <= set(found.split())


@pytest.mark.parametrize(
    ("statement", "keys", "indexes"),
    [
        (
            failures._LATELY,
            {"slots": [1], "patience": 1},
            {"ix_events_service_received_at", "ix_events_retrying"},
        ),
        (failures._RETRYING, {"stuck": 1}, {"ix_events_retrying"}),
        (waiting._FALLEN, {}, {"ix_events_received"}),
        (waiting._EFFECTS, {"stuck": 1}, {"ix_effects_waiting"}),
        (silence._SINCE, {"first": 1}, {"ix_events_service_received_at"}),
        (silence._COUNTED, {}, {"ix_events_service_received_at", "pk_event_quarters"}),
        (quarters._COUNT, {"first": 1, "end": 2}, {"ix_events_service_received_at"}),
        (quarters.KINDS, {}, {"pk_event_quarters"}),
    ],
)
def test_what_health_asks_each_half_minute_is_found_by(statement, keys, indexes, clean):
    found = plan(statement, {"services": ["stripe"]} | keys)
    assert {name for name in indexes if name not in found} == set()
    assert "Seq Scan" not in found


def test_a_sample_of_the_newest_bodies_is_found_by_index(clean):
    keys = {"since": "-infinity", "events": 1, "each": 1, "bodies": 1, "bytes": 1}
    assert "ix_events_service_received_at" in plan(contract._SAMPLE, keys)
