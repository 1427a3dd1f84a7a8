"""What `tallyman doctor` says of beat, and of the last runs of syncs."""

from datetime import UTC, datetime, timedelta

import pytest

from db.session import transaction
from worker import inbox
from worker.pulse import BEAT
from worker.syncs import runs as leased


@pytest.fixture
def beat_ran():
    """Have beat have had something run so many seconds ago."""

    def mark(seconds):
        inbox.redis().set(BEAT, (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat())

    return mark


def test_a_beat_that_ticks_is_well_and_one_that_never_did_is_no_mistake(run, beat_ran):
    answer = run("doctor")
    assert "off   beat has had nothing run yet" in answer.output
    beat_ran(5)
    answer = run("doctor")
    assert "ok    beat had something run" in answer.output
    assert answer.exit_code == 0, answer.output


def test_a_dead_beat_is_noticed(run, beat_ran):
    beat_ran(3600)
    answer = run("doctor")
    assert "warn  beat had something run 3600 s ago" in answer.output
    assert "-> start it: until then nothing is synced" in answer.output
    assert answer.exit_code == 1
    assert "beat had nothing run for 1 h 0 min" in run("status").output


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("status = 'failed', error = '9 of 10 would go'", "reconcile failed: 9 of 10 would go"),
        ("status = 'stopped', error = 'no'", "reconcile stands still since 2 h: no"),
        ("status = 'running'", "reconcile stands still since 2 h: it was killed"),
    ],
)
def test_a_run_that_came_to_no_good_end_is_told(run, sql, change, words):
    leased.begin("stripe", "customer", "reconcile")
    ago = "now() - interval '2 h'"
    sql.execute(f"UPDATE sync_runs SET {change}, finished_at = {ago}")
    sql.execute(f"UPDATE sync_cursors SET lease_until = {ago}, written_at = {ago}")
    answer = run("doctor")
    assert f"warn  stripe customer: its last {words}" in answer.output
    assert answer.exit_code == 1


def test_one_that_is_tried_every_minute_and_gets_nowhere_is_told(run, sql):
    leased.begin("stripe", "customer", "reconcile")
    sql.execute("UPDATE sync_cursors SET written_at = now() - interval '2 h', lease_until = now()")
    begun = leased.begin("stripe", "customer", "reconcile")
    assert begun
    with transaction() as session:
        leased.end(session, begun, "stopped", "stripe answered 503")
    answer = run("doctor")
    assert "its last reconcile stands still since 2 h: stripe answered 503" in answer.output
    assert "go on with it: tallyman reconcile stripe" in answer.output


@pytest.mark.parametrize("status", ["running", "stopped", "complete"])
def test_a_run_that_is_under_way_or_complete_is_not(run, sql, status):
    leased.begin("stripe", "customer", "reconcile")
    sql.execute(f"UPDATE sync_runs SET status = '{status}'")
    assert "stripe customer" not in run("doctor").output
