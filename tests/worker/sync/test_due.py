"""What is due runs once, however many tick; what was missed runs once too."""

import threading

import pytest

from settings import settings
from worker import due, inbox
from worker.schedule import Entry, schedule
from worker.tasks.upkeep import beat

LONG = 1_000_000_000.0  # seconds: no slot of it begins while a test runs
SCHEDULE = {
    "stripe.events": Entry("stripe.sync.events", LONG, "stripe"),
    "clerk.objects": Entry("clerk.sync.objects", LONG, "clerk"),
}


def test_what_is_due_is_sent_once_in_each_slot(clean, bells, sql):
    assert sorted(due.tick(SCHEDULE)) == ["clerk.objects", "stripe.events"]
    assert due.tick(SCHEDULE) == []
    assert bells("stripe.work") == ["stripe.sync.events"]

    sql.execute("UPDATE schedule_slots SET slot = slot - 1 WHERE schedule = 'stripe.events'")
    assert due.tick(SCHEDULE) == ["stripe.events"]


def test_what_was_missed_while_nobody_ticked_runs_once(clean, sql):
    due.tick(SCHEDULE)
    sql.execute("UPDATE schedule_slots SET slot = slot - 50")
    assert len(due.tick(SCHEDULE)) == 2
    assert due.tick(SCHEDULE) == []


def test_two_beats_at_once_run_a_thing_once(clean, bells):
    sent, together = [], threading.Barrier(4)

    def tick():
        together.wait()
        sent.extend(due.tick(SCHEDULE))

    beats = [threading.Thread(target=tick) for _ in range(4)]
    for one in beats:
        one.start()
    for one in beats:
        one.join()
    assert sorted(sent) == ["clerk.objects", "stripe.events"]
    assert bells("stripe.work") + bells("clerk.work") == [
        "stripe.sync.events",
        "clerk.sync.objects",
    ]


def test_a_slot_whose_task_could_not_be_sent_is_nobodys(clean, sql, monkeypatch):
    monkeypatch.setattr("worker.bell.app", _Away)
    assert due.tick(SCHEDULE) == []
    monkeypatch.undo()
    assert len(due.tick(SCHEDULE)) == 2


class _Away:
    """A broker that does not answer."""

    def send_task(self, *_args, **_options):
        from kombu.exceptions import OperationalError

        raise OperationalError


def test_what_asks_a_paused_service_waits(clean, bells):
    inbox.pause("stripe")
    assert due.tick(SCHEDULE) == ["clerk.objects"]
    inbox.resume("stripe")
    assert due.tick(SCHEDULE) == ["stripe.events"]


def test_old_slots_are_deleted(clean, sql):
    for _ in range(3):
        due.tick(SCHEDULE)
        sql.execute("UPDATE schedule_slots SET slot = slot - 60")
    found = sql.execute("SELECT schedule, count(*) FROM schedule_slots GROUP BY 1").fetchall()
    assert sorted(found) == [("clerk.objects", 2), ("stripe.events", 2)]


def test_beat_sends_what_is_due(clean, bells):
    assert beat().startswith("rung=0 ")
    assert {"upkeep.runs", "upkeep.old_runs"} <= set(bells("upkeep"))


@pytest.fixture
def given(monkeypatch):
    def give(**values):
        for name, value in values.items():
            monkeypatch.setenv(name, str(value))
        settings.cache_clear()
        return schedule(settings())

    yield give
    monkeypatch.undo()
    settings.cache_clear()


OURS = {"runs", "old_runs", "canary", "watch", "history"}


def test_only_what_is_configured_is_due(given):
    found = given(SYNC_CONTRACT_SECONDS=0)
    assert found.keys() == OURS
    found = given(STRIPE_API_KEY="sk_test_x", SYNC_CONTRACT_SECONDS=0)
    assert found.keys() == OURS | {"stripe.events", "stripe.refetch", "stripe.reconcile"}
    assert found["stripe.events"] == Entry("stripe.sync.events", 300, "stripe")
    # which begins once a day; it is looked whether that was too busy, or killed between two types
    assert found["stripe.reconcile"] == Entry("stripe.sync.reconcile", 300, "stripe")
    found = given(CLERK_SECRET_KEY="sk_test_x", LOOPS_API_KEY="x")
    assert {"clerk.objects", "clerk.reconcile", "loops.outward"} <= found.keys()


def test_an_interval_of_none_switches_a_thing_off(given):
    found = given(
        STRIPE_API_KEY="sk_test_x",
        SYNC_EVENTS_SECONDS=0,
        SYNC_REFETCH_SECONDS=0,
        SYNC_CONTRACT_SECONDS=0,
        RECONCILE_HOURS=0.05,
    )
    assert found.keys() == OURS | {"stripe.reconcile"}
    assert found["stripe.reconcile"].seconds == 180
