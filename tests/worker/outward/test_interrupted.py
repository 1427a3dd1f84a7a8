"""What comes in between while Loops is asked for our users."""

import pytest

from settings import settings
from worker.syncs import outward


@pytest.fixture(autouse=True)
def three_a_step(monkeypatch):
    monkeypatch.setattr(outward, "BATCH", 3)


@pytest.fixture
def seven(user):
    for number in range(7):
        user(f"user_{number}")


def test_all_are_asked_for_step_by_step_and_each_once(loops, seven, account):
    assert outward.run().status == "complete"
    assert loops.asked == [f"user_{number}" for number in range(7)]
    assert account() == ("complete", 0, 0, 7, 0)


def test_an_outage_stops_the_run_which_goes_on_behind_what_it_had_seen(
    loops, seven, effects, account
):
    loops.away_after = 4
    assert outward.run().status == "stopped"
    assert account() == ("stopped", 0, 0, 4, 0)
    assert len(effects()) == 4

    loops.away_after = None
    assert outward.run().status == "complete"
    assert loops.asked == [f"user_{number}" for number in range(7)]
    assert len(effects()) == 7


def test_a_step_ends_when_its_time_is_up_and_the_next_one_goes_on(
    loops, seven, account, monkeypatch
):
    monkeypatch.setattr(outward, "SECONDS", 0.0)
    assert outward.run(seconds=0).status == "running"
    assert loops.asked == ["user_0"]

    assert outward.run().status == "complete"
    assert loops.asked == [f"user_{number}" for number in range(7)]


def test_of_one_that_cannot_be_read_the_run_says_so_and_asks_for_the_others(loops, seven, account):
    loops.instead.append((400, {}, "{}"))
    assert outward.run().status == "failed"
    assert account() == ("failed", 0, 0, 6, 1)


def test_a_refused_key_stops_it(loops, seven, account):
    loops.instead.append((401, {}, "{}"))
    assert outward.run().status in {"failed", "stopped"}
    assert loops.asked == []


def test_without_a_key_it_is_off(clean):
    settings.cache_clear()
    assert outward.outward() == "off"


def test_it_is_done_once_in_its_time(loops, seven):
    assert outward.outward() == "complete"
    assert outward.outward() == "not now"
    assert len(loops.asked) == 7
