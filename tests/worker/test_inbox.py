"""The stream keeps what was accepted, and hands on what a dead worker left."""

from datetime import UTC, datetime, timedelta

import pytest

from settings import settings
from tests import handlers
from tests.worker.stories import SERVICES, age, drained, invoice, put
from worker import inbox

IDLE = settings().inbox.reclaim_idle_seconds
KEY = inbox.stream("stripe")


def pending():
    return inbox.redis().xpending(KEY, inbox.GROUP)["pending"]


def test_a_delivery_comes_out_as_it_went_in(clean):
    sent = invoice()
    put(sent)
    (entry,) = inbox.take("stripe", 10)

    taken = entry.delivery
    assert (taken.body, taken.headers, taken.endpoint) == (sent.body, sent.headers, sent.endpoint)
    assert abs(taken.received_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_group_is_made_anew_and_nothing_is_missed_when_it_was_destroyed(ledger):
    put(invoice("evt_1"))
    assert drained()["handled"] == 1
    put(invoice("evt_2"))
    inbox.redis().xgroup_destroy(KEY, inbox.GROUP)
    put(invoice("evt_3"))

    assert drained() == {"handled": 2, "left": 0}
    assert set(ledger()) == {"evt_1", "evt_2", "evt_3"}


def test_entries_in_hand_are_applied_again_harmlessly_when_the_group_was_destroyed(ledger):
    put(invoice())
    entries = inbox.take("stripe", 10)
    inbox.redis().xgroup_destroy(KEY, inbox.GROUP)

    assert drained() == {"handled": 1, "left": 0}
    inbox.done("stripe", entries)
    assert len(ledger()) == len(handlers.calls) == 1


def test_a_drain_of_a_service_that_never_had_a_delivery_does_nothing(clean):
    assert drained("clerk") == {"left": 0}


def test_what_a_dead_worker_held_is_applied_after_the_idle_time(ledger):
    put(*[invoice(f"evt_{n}") for n in range(25)])
    inbox.take("stripe", 25)
    assert drained() == {"left": 25}

    age()
    assert drained() == {"handled": 25, "left": 0}


def test_reclaimed_entries_come_one_at_a_time(clean):
    put(*[invoice(f"evt_{n}") for n in range(3)])
    inbox.take("stripe", 3)
    age()
    next(inbox.reclaim("stripe", IDLE))

    idle = [p["time_since_delivered"] for p in _pending_entries()]
    assert sorted(ms > IDLE * 1000 for ms in idle) == [False, True, True]


def _pending_entries():
    return inbox.redis().xpending_range(KEY, inbox.GROUP, "-", "+", 10)


def test_idle_entries_behind_many_busy_ones_are_found(clean):
    put(*[invoice(f"evt_{n}") for n in range(60)])
    inbox.take("stripe", 60)
    last = _last_pending()
    idle = int(IDLE * 1000) + 1000
    inbox.redis().xclaim(KEY, inbox.GROUP, inbox.CONSUMER, 0, [last], idle=idle, justid=True)

    assert [entry.id for entry in inbox.reclaim("stripe", IDLE)] == [last.decode()]


def _last_pending():
    return inbox.redis().xpending_range(KEY, inbox.GROUP, "-", "+", 100)[-1]["message_id"]


def test_done_removes_entries_from_the_stream_and_from_what_is_pending(clean):
    put(*[invoice(f"evt_{n}") for n in range(3)])
    taken = inbox.take("stripe", 3)
    inbox.done("stripe", taken[:2])

    assert pending() == 1
    assert inbox.backlog("stripe").waiting == 1


def test_what_is_handed_back_is_taken_as_if_for_the_first_time(clean):
    put(invoice())
    taken = inbox.take("stripe", 1)
    age(times=3)
    inbox.hand_back("stripe", taken, IDLE)

    assert [entry.times for entry in inbox.reclaim("stripe", IDLE)] == [1]


def test_the_backlog_counts_what_waits_and_tells_since_when(clean):
    inbox.redis().xadd(KEY, {"body": b"{}", "endpoint": ""}, id="1700000000000-0")
    put(invoice())

    backlog = inbox.backlog("stripe")
    assert backlog.waiting == 2
    assert backlog.oldest == datetime.fromtimestamp(1_700_000_000, UTC)
    assert inbox.backlog("clerk") == inbox.Backlog(0, None)


def test_every_service_has_a_stream_of_its_own(ledger):
    put(invoice())
    assert set(map(inbox.stream, SERVICES)) == {"tallyman:inbox:stripe", "tallyman:inbox:clerk"}
    assert drained("clerk") == {"left": 0}
    assert drained("stripe") == {"handled": 1, "left": 0}


@pytest.mark.parametrize("seconds", [0, 0.0001])
@pytest.mark.usefixtures("clean")
def test_a_rest_may_be_as_short_as_one_likes(seconds):
    inbox.rest("stripe", seconds)
