"""A redrive in steps: one, then ten, then the rest at a rate; it halts where too many fail."""

import os
import signal

import pytest

import fault_points
from db.session import engine
from tests import handlers
from tests.worker.canary.dying import refuse
from tests.worker.stories import fail, invoice, retried
from worker import canary, causes, dead_letters, inbox, redrives
from worker.search import Filter


def test_one_is_sent_then_ten_then_the_rest_at_the_rate(many, advance, counts):
    id = redrives.start(many, per_second=4)
    assert inbox.redis().llen("upkeep") == 1

    advance(id)
    assert counts(id) == {"sent": 1, "waiting": 29}
    retried()
    assert advance(id).step == 2
    assert counts(id) == {"mended": 1, "sent": 10, "waiting": 19}
    retried()
    assert advance(id).step == 3
    assert counts(id) == {"mended": 11, "sent": 4, "waiting": 15}
    advance(id, seconds=2.1)
    assert counts(id) == {"mended": 11, "sent": 12, "waiting": 7}
    retried()
    advance(id, seconds=60)
    retried()
    assert advance(id).status == "complete"
    assert counts(id) == {"mended": 30}
    assert len(handlers.calls) == 30


def test_nothing_more_is_sent_before_the_first_has_its_outcome(many, advance, counts):
    id = redrives.start(many)
    advance(id)
    advance(id)
    assert counts(id) == {"sent": 1, "waiting": 29}


def test_it_halts_at_once_where_the_first_dies_again(many, advance, counts, sql):
    handlers.behaviour["invoice.paid"] = refuse
    id = redrives.start(many)
    advance(id)
    retried()

    assert advance(id).status == "halted"
    assert redrives.listed(id=id)[0].reason == "1 of 1 letters of step 1 failed again"
    advance(id)
    assert counts(id) == {"died": 1, "waiting": 29}
    assert sql.execute("SELECT count(*) FROM dead_letters").fetchone() == (30,)


def test_it_halts_in_the_second_step_where_more_than_the_share_fail(many, advance):
    handlers.behaviour["invoice.paid"] = lambda s, e: refuse(s, e) if e.id > "evt_08" else None
    id = redrives.start(many, halt_percent=10)
    for _ in range(2):
        advance(id)
        retried()
    halted = advance(id)
    assert (halted.status, halted.reason) == ("halted", "2 of 10 letters of step 2 failed again")


def test_a_share_that_may_fail_does_not_halt_it(many, advance, counts):
    handlers.behaviour["invoice.paid"] = lambda s, e: refuse(s, e) if e.id == "evt_09" else None
    id = redrives.start(many, halt_percent=10)
    for _ in range(4):
        advance(id, seconds=60)
        retried()
    assert advance(id, seconds=60).status == "complete"
    assert counts(id) == {"died": 1, "mended": 29}


def test_what_is_tried_in_vain_is_failing_and_halts_it_too(many, advance, counts):
    handlers.behaviour["invoice.paid"] = fail
    id = redrives.start(many)
    advance(id)
    retried()
    assert advance(id).status == "halted"
    assert counts(id) == {"failing": 1, "waiting": 29}


def test_within_its_patience_what_is_tried_in_vain_counts_neither_way(many, advance, set_to):
    set_to(CANARY_PATIENCE_SECONDS=60)
    handlers.behaviour["invoice.paid"] = fail
    id = redrives.start(many)
    advance(id)
    retried()
    assert advance(id).counts == {"sent": 1, "waiting": 29}


def test_what_somebody_else_redrove_or_closed_meanwhile_is_skipped(many, advance, counts):
    id = redrives.start(many)
    advance(id)
    retried()
    dead_letters.discard(Filter(id="evt_1"), "not needed", 100)
    for _ in range(5):
        advance(id, seconds=60)
        retried()
    assert counts(id) == {"mended": 20, "skipped": 10}


def test_a_person_halts_it(many, advance, counts):
    id = redrives.start(many)
    advance(id)
    assert redrives.halt(id, "halted by ann")
    assert not redrives.halt(id, "again")
    retried()
    assert advance(id).reason == "halted by ann"
    assert counts(id) == {"sent": 1, "waiting": 29}


def test_one_cause_has_one_redrive_at_a_time(many):
    id = redrives.start(many)
    with pytest.raises(redrives.AlreadyRunning):
        redrives.start(many)
    redrives.halt(id, "wrong")
    assert redrives.start(many) > id


def died_of(act):
    """Do something in a process of its own; return the signal that ended it."""
    engine().dispose()  # a connection has one process
    if not (child := os.fork()):
        try:
            act()
        finally:
            os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


@pytest.fixture(params=["canary.written", "canary.committed"])
def armed(request, tmp_path, monkeypatch):
    """Who reaches that point ends there; a file of its name each."""
    monkeypatch.setattr(fault_points, "_folder", tmp_path)
    monkeypatch.setattr(canary, "reach", fault_points._end)
    return tmp_path / request.param


def test_killed_in_the_middle_of_a_step_it_goes_on_and_sends_each_once(
    armed, many, advance, counts
):
    id = redrives.start(many)
    advance(id)
    retried()
    armed.touch()
    assert died_of(canary.advance) == signal.SIGKILL

    for _ in range(4):
        retried()
        advance(id, seconds=60)
    assert redrives.listed(id=id)[0].status == "complete"
    assert counts(id) == {"mended": 30}
    assert sorted(event.id for event in handlers.calls) == [f"evt_{n:02}" for n in range(30)]


def test_letters_that_died_after_the_start_are_left_for_the_next(many, died, advance, counts):
    id = redrives.start(many)
    advance(id)
    died(invoice("evt_later"))
    for _ in range(5):
        advance(id, seconds=60)
        retried()
    assert counts(id) == {"mended": 30}
    assert [one.sample for one in causes.causes()] == ["evt_later"]
