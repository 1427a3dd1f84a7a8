"""What cannot be done now waits, and holds nobody else up."""

import time

import pytest
from sqlalchemy.exc import InterfaceError

from integrations.errors import Blocked, Deferred
from tests.worker.stories import POLICY
from tests.worker.targets import raising
from worker import deliver, effects, inbox, slots


def test_what_must_wait_for_something_spends_no_attempt_and_the_others_go_on(
    loops, tell, sql, kept
):
    def before(sending):
        if sending.payload["n"] == 0:
            raise Deferred("who it is about is not known yet", wait=600)

    loops.before = before
    tell(3)
    assert loops.delivered() == {"sent": 2, "waiting": 1}
    first = kept()[0]
    assert (first["attempts"], first["first_sent_at"]) == (0, None)
    assert first["error"] == "Deferred: who it is about is not known yet"


def test_a_target_that_takes_nothing_is_left_alone_for_a_while(loops, tell, kept):
    loops.act = raising(Blocked("the breaker is open", wait=30))
    tell(3)
    assert loops.delivered() == {"deferred": 1}
    assert len(loops.sent) == 1
    assert {row["attempts"] for row in kept()} == {0}
    assert deliver.resting("loops")
    assert deliver.deliver(loops.target(), POLICY) == "resting"
    assert not inbox.resting("loops")


def test_an_error_of_ours_spends_no_attempt(loops, tell, kept):
    gone = InterfaceError("SELECT 1", {}, Exception("the connection is closed"))
    loops.before = raising(gone)
    tell(2)
    assert loops.delivered() == {}
    assert {(row["status"], row["attempts"], row["error"]) for row in kept()} == {
        ("waiting", 0, None)
    }
    assert deliver.resting("loops")


def test_nothing_is_sent_to_a_paused_target_or_one_that_is_off(loops, tell):
    tell()
    inbox.pause("loops")
    assert deliver.deliver(loops.target(), POLICY) == "resting"
    inbox.resume("loops")
    loops.on = False
    assert deliver.deliver(loops.target(), POLICY) == "off"
    loops.on = True
    assert loops.delivered() == {"sent": 1}


def test_a_target_that_hangs_leaves_half_of_the_threads(loops, tell):
    slots.share(2, ["loops"])
    tell(2)
    seen: list[str | bool] = []

    def hang(_sending):
        seen.append(deliver.deliver(loops.target(), POLICY))
        later = time.monotonic() + 1000
        with pytest.MonkeyPatch.context() as clock:
            clock.setattr(time, "monotonic", lambda: later)
            seen.append(slots.stuck())
        loops.act = lambda _: None

    loops.act = hang
    loops.delivered()
    assert seen == ["busy", True]
    assert not slots.stuck()


@pytest.mark.parametrize(("age", "wait"), [("1 min", 60), ("80 h", 36000), ("90 d", 86400)])
def test_the_longer_it_waits_for_something_the_seldomer_it_is_looked_at(
    age, wait, loops, tell, sql
):
    loops.before = raising(Deferred("who it is about is not known yet", wait=60))
    tell()
    sql.execute("UPDATE effects SET created_at = now() - %s::interval", [age])
    assert loops.delivered() == {"waiting": 1}
    query = "SELECT extract(epoch FROM retry_at - now()) FROM effects"
    (seconds,) = sql.execute(query).fetchone()
    assert wait - 10 <= seconds <= wait + 10


@pytest.fixture
def caused(tell, sql):
    """An effect that an event has had two days ago."""
    tell()
    sql.execute(
        "UPDATE effects SET service = 'stripe', event_id = 'evt_1',"
        " occurred_at = now() - interval '2 d'"
    )


def test_what_waited_until_nobody_wants_it_any_more_is_held(loops, caused, kept):
    assert loops.delivered() == {"held": 1}
    assert loops.sent == []
    [row] = kept()
    assert row["reason"] == "it happened more than EFFECTS_MAX_AGE_HOURS before"
    assert (row["attempts"], row["first_sent_at"]) == (0, None)


def test_what_is_held_is_sent_when_it_is_redriven(loops, caused):
    loops.delivered()
    effects.redrive(effects.EffectFilter(), 10)
    assert loops.delivered() == {"sent": 1}


def test_what_the_application_asked_for_is_sent_at_any_age(loops, tell, sql):
    tell()
    sql.execute("UPDATE effects SET occurred_at = now() - interval '2 d'")
    assert loops.delivered() == {"sent": 1}
