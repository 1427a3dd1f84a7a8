"""A run goes page by page; what cuts it short does not make it a success, and it goes on there."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from integrations.errors import Deferred, Permanent, Transient
from worker import inbox, sync
from worker.sync import Counts, Failed, Step
from worker.syncs import runs as leased

T = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TASK = "clerk.sync.reconcile"
WHO = ("clerk", "user", "reconcile")


class Listing:
    """Three pages; `before` is called ahead of each, and may raise."""

    def __init__(self):
        self.asked = []
        self.before = lambda _run: None
        self.counts = Counts(there=10, here=7, fetched=3, gap_from=T)
        self.writing = lambda _session: None

    def __call__(self, run):
        self.asked.append(run.cursor)
        self.before(run)
        page = int(run.cursor or 0)
        return Step(
            write=self._write,
            cursor=str(page + 1),
            state={"pages": page + 1},
            over=page == 2,
            complete_until=T,
        )

    def _write(self, session):
        self.writing(session)
        return self.counts

    def run(self, **options):
        return sync.run("clerk", "user", "reconcile", self, task=None, **options)

    def fails(self, error, page):
        def raising(run):
            if len(self.asked) == page:
                raise error

        self.before = raising


@pytest.fixture
def listing(sql):
    return Listing()


def test_a_run_that_comes_to_its_end_is_complete(listing, runs):
    assert listing.run().status == "complete"
    assert listing.asked == [None, "1", "2"]
    (run,) = runs()
    assert (run["status"], run["error"]) == ("complete", None)
    assert (run["there"], run["here"], run["fetched"], run["failed"]) == (30, 21, 9, 0)
    assert (run["gap_from"], run["gap_to"]) == (T, None)
    assert run["finished_at"] >= run["started_at"]


def test_the_next_run_knows_up_to_when_nothing_is_missing(listing, sql):
    seen = []
    listing.before = lambda run: seen.append(run.complete_until)
    listing.run()
    listing.run()
    sync.run("clerk", "user", "catch_up", listing, task=None)  # it was found out by another kind
    assert seen == [None] * 3 + [T] * 6


def test_when_time_is_up_the_task_is_rung_and_goes_on(listing, runs, bells):
    for _ in range(2):
        slice = sync.run("clerk", "user", "reconcile", listing, task=TASK, seconds=0)
        assert slice.status == "running"
    assert bells("clerk.work") == [TASK] * 2
    assert (
        sync.run("clerk", "user", "reconcile", listing, task=TASK, seconds=0).status == "complete"
    )
    assert bells("clerk.work") == [TASK] * 2
    assert listing.asked == [None, "1", "2"]
    assert [run["there"] for run in runs()] == [30]


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (Transient("clerk answered 429", retry_after=60), 60),
        (Transient("clerk was cut off"), 2),
        (Deferred("clerk is blocked", wait=600), 600),
        (Permanent("clerk answered 403"), None),
    ],
)
def test_what_cuts_a_run_short_is_no_success_and_the_next_goes_on(listing, runs, error, wait):
    listing.fails(error, page=2)
    stopped = listing.run()
    assert (stopped.status, stopped.wait) == ("stopped", wait)
    (run,) = runs()
    assert (run["status"], run["there"]) == ("stopped", 10)
    assert str(error) in run["error"]

    assert listing.run().status == "complete"
    assert listing.asked == [None, "1", "1", "2"]
    (run,) = runs()
    assert (run["status"], run["there"], run["error"]) == ("complete", 30, None)


def test_what_is_deferred_for_less_than_the_slice_waits(listing):
    listing.fails(Deferred("a limit is spent", wait=0.001), page=2)
    assert listing.run().status == "complete"
    assert listing.asked == [None, "1", "1", "2"]


def test_what_is_deferred_to_just_after_the_slice_still_runs(listing, runs, bells):
    listing.fails(Deferred("a limit is spent", wait=3), page=1)
    outcome = sync.run("clerk", "user", "reconcile", listing, task=TASK, seconds=1)
    assert outcome.status == "running"
    assert bells("clerk.work") == [TASK]
    assert [run["status"] for run in runs()] == ["running"]


def test_a_place_that_is_refused_is_not_asked_for_again(listing, runs):
    listing.run(seconds=0)
    listing.fails(Permanent("no such cursor"), page=2)
    assert listing.run().status == "failed"
    listing.run()
    assert listing.asked == [None, "1", None, "1", "2"]
    assert [run["status"] for run in runs()] == ["failed", "complete"]


def test_a_step_may_fail_the_run_and_has_written_nothing_then(listing, runs, sql):
    def writing(session):
        session.execute(text("INSERT INTO tallyman_test.schedule_slots VALUES ('x', 1)"))
        raise Failed("12 of 40 would go")

    listing.writing = writing
    assert str(listing.run()) == "failed: 12 of 40 would go"
    assert [(run["status"], run["error"]) for run in runs()] == [("failed", "12 of 40 would go")]
    assert sql.execute("SELECT count(*) FROM schedule_slots").fetchone() == (0,)


def test_a_run_of_which_some_failed_is_no_success(listing, runs, sql):
    listing.counts = Counts(there=10, failed=1)
    assert str(listing.run()) == "failed: 3 could not be read or written"
    assert sql.execute("SELECT complete_until FROM sync_cursors").fetchone() == (None,)


def test_a_run_that_only_looks_makes_nothing_complete(listing, sql):
    assert listing.run(plan=True).status == "complete"
    assert sql.execute("SELECT complete_until FROM sync_cursors").fetchone() == (None,)


def test_what_only_looked_is_not_gone_on_with_by_what_repairs(listing, runs):
    listing.run(plan=True, seconds=0)
    listing.fails(Transient("cut"), page=3)
    listing.run(plan=True)
    assert listing.run().status == "complete"
    assert listing.asked == [None, "1", "2", None, "1", "2"]
    assert [(run["plan"], run["status"]) for run in runs()] == [
        (True, "stopped"),
        (False, "complete"),
    ]


def test_nobody_else_works_on_a_run_meanwhile(listing):
    seen = []
    listing.before = lambda _run: seen.append(leased.begin(*WHO))
    listing.run()
    assert seen == [None] * 3


def test_another_kind_has_a_place_of_its_own(listing, runs):
    listing.run(seconds=0)
    sync.run("clerk", "user", "backfill", listing, task=None)
    listing.run()
    assert listing.asked == [None, None, "1", "2", "1", "2"]
    assert [run["status"] for run in runs()] == ["complete"] * 2


def test_who_lost_the_lease_writes_nothing(listing, runs, sql):
    def stolen(_run):
        sql.execute("UPDATE sync_cursors SET lease_until = now() - interval '1 s'")
        assert leased.begin(*WHO) is not None

    listing.before = stolen
    assert listing.run().status == "lost"
    (run,) = runs()
    assert (run["status"], run["there"]) == ("running", 0)


def test_a_run_whose_process_ended_goes_on_when_its_lease_is_over(listing, runs, sql):
    listing.run(seconds=0)
    assert leased.begin(*WHO) is not None
    assert listing.run().status == "not now"
    sql.execute("UPDATE sync_cursors SET lease_until = now() - interval '1 s'")
    assert listing.run().status == "complete"
    assert listing.asked == [None, "1", "2"]
    assert len(runs()) == 1


def test_in_a_slot_a_run_begins_only_once_but_goes_on(listing, runs):
    every = 1_000_000_000.0
    assert listing.run(every=every, seconds=0).status == "running"
    assert listing.run(every=every).status == "complete"
    assert listing.run(every=every).status == "not now"
    assert listing.run(every=every, plan=True).status == "complete"
    assert listing.run().status == "complete"
    assert len(runs()) == 3


def test_a_task_rests_while_its_service_is_paused_and_who_asks_by_hand_does_not(listing):
    sync.run("clerk", "user", "reconcile", listing, task=TASK, seconds=0)
    inbox.pause("clerk")
    assert sync.run("clerk", "user", "reconcile", listing, task=TASK).status == "paused"
    assert listing.asked == [None]
    assert listing.run().status == "complete"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ZeroDivisionError("ours")])
def test_what_breaks_off_is_raised_and_the_next_goes_on(listing, runs, error):
    listing.fails(error, page=2)
    with pytest.raises(type(error)):
        listing.run()
    (run,) = runs()
    assert run["status"] == "stopped"
    assert run["error"] in {"interrupted", "ZeroDivisionError: ours"}
    assert listing.run().status == "complete"
    assert listing.asked == [None, "1", "1", "2"]


def test_a_postgres_that_goes_away_stops_the_run(listing, runs):
    def writing(session):
        if len(listing.asked) == 2:
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    listing.writing = writing
    assert listing.run().status == "stopped"
    assert [(run["status"], run["there"]) for run in runs()] == [("stopped", 10)]
    listing.writing = lambda _session: None
    assert listing.run().status == "complete"
    assert listing.asked == [None, "1", "1", "2"]
