"""A run that stands still goes on by itself; what runs left long ago is deleted."""

import pytest

from worker import upkeep
from worker.schedule import Entry
from worker.syncs import past_drift, past_runs
from worker.syncs import runs as leased

TASKS = ("events", "reconcile", "backfill", "objects")
SCHEDULE = {f"stripe.{name}": Entry(f"stripe.sync.{name}", 300, "stripe") for name in TASKS}
STILL = "UPDATE sync_cursors SET lease_until = now(), written_at = now() - interval '1 min'"


@pytest.fixture
def begun(sql):
    """Begin a run, and leave it as it stands."""

    def begin(name, kind, change="status = 'running'", **options):
        leased.begin("stripe", name, kind, **options)
        sql.execute(f"UPDATE sync_runs SET {change}")

    return begin


@pytest.mark.parametrize(
    ("name", "kind", "task"),
    [
        ("events", "catch_up", ["stripe.events"]),
        ("customer", "catch_up", ["stripe.objects"]),
        ("customer", "reconcile", ["stripe.reconcile"]),
        ("outward", "outward", ["stripe.outward"]),
        ("customer", "backfill", []),  # it is who began it that goes on with it
    ],
)
def test_a_run_that_nobody_gets_on_with_is_found(name, kind, task, begun, sql):
    begun(name, kind, plan=kind == "reconcile")
    assert past_runs.unfinished(upkeep.STILL) == []  # somebody is at it
    sql.execute(STILL)
    assert past_runs.unfinished(upkeep.STILL) == task
    sql.execute("UPDATE sync_runs SET status = 'stopped'")
    assert past_runs.unfinished(upkeep.STILL) == task


def test_a_bell_rings_for_it(begun, sql, bells):
    begun("events", "catch_up")
    sql.execute(STILL)
    assert upkeep.runs(SCHEDULE) == "rung=1"
    assert bells("stripe.work") == ["stripe.sync.events"]


@pytest.mark.parametrize(
    "change", ["status = 'complete'", "status = 'failed'", "error = 'interrupted'", "plan = false"]
)
def test_one_that_is_over_or_is_somebody_elses_is_not(change, begun, sql):
    begun("customer", "reconcile", change, plan=True)
    sql.execute(STILL)
    assert upkeep.runs(SCHEDULE) == "rung=0"


def test_what_is_not_scheduled_is_not_gone_on_with(begun, sql):
    begun("events", "catch_up")
    sql.execute(STILL)
    assert upkeep.runs({}) == "rung=0"


def test_what_a_later_run_found_again_is_deleted_the_next_day(sql):
    sql.execute(
        "INSERT INTO sync_runs (service, name, kind, status) SELECT 'stripe', 'customer', kind,"
        " 'complete' FROM (VALUES ('reconcile'), ('reconcile'), ('outward')) AS given(kind)"
    )
    first, last, other = (id for (id,) in sql.execute("SELECT id FROM sync_runs ORDER BY id"))
    found = [
        (first, "again", "2 days", None),
        (first, "just found", "1 hour", None),
        (first, "repaired", "2 days", "now"),
        (first, "repaired long ago", "31 days", "now"),
        (last, "last", "2 days", None),
        (other, "of another kind", "2 days", None),
        (other, "long ago", "31 days", None),
    ]
    for given in found:
        sql.execute(
            "INSERT INTO drift (run_id, service, table_name, row_id, field, cause, found_at,"
            " repaired_at) VALUES (%s, 'stripe', 'x', %s, 'x', 'our defect', now() - %s::interval,"
            " %s)",
            given,
        )
    assert past_drift.forget() == 3
    kept = [id for (id,) in sql.execute("SELECT row_id FROM drift ORDER BY id")]
    assert kept == ["just found", "repaired", "last", "of another kind"]


def test_old_runs_are_deleted_but_the_last_complete_one_and_those_with_drift(sql):
    sql.execute(
        "INSERT INTO sync_runs (service, name, kind, status, started_at)"
        " SELECT 'stripe', 'events', 'catch_up', status, now() - days * interval '1 day'"
        " FROM (VALUES ('complete', 60), ('stopped', 50), ('failed', 49), ('complete', 45),"
        " ('complete', 40), ('stopped', 35), ('stopped', 5)) AS given(status, days)"
    )
    sql.execute(
        "INSERT INTO drift (run_id, service, table_name, row_id, field, cause)"
        " SELECT id, 'stripe', 'x', 'x', 'x', 'our defect' FROM sync_runs WHERE status = 'failed'"
    )
    assert past_runs.forget() == 4
    found = sql.execute("SELECT status, (now() - started_at) FROM sync_runs ORDER BY id").fetchall()
    assert [(status, round(age.total_seconds() / 86400)) for status, age in found] == [
        ("failed", 49),
        ("complete", 40),
        ("stopped", 5),
    ]
