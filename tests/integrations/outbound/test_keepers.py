"""The limiter and the breaker, the same in Redis and in a process without it."""

from dataclasses import replace

import pytest

from integrations.outbound.alone import Alone
from integrations.outbound.keeper import Finding, Question
from integrations.outbound.limits import Limit
from integrations.outbound.shared import Shared

ASK = Question(
    service="loops",
    operation="find",
    token="a",
    limits=(Limit(10_000, 1000),),
    failures=2,
    open=0.2,
    lease=0.2,
    patience=0,
)
WELL, SICK, UNKNOWN = (Finding(health=h, outcome="x") for h in ("well", "sick", "unknown"))


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now

    def tick(self):
        self.now += 0.01


CLOCK = Clock()


@pytest.fixture(params=["in redis", "alone"])
def keeper(request):
    return Shared() if request.param == "in redis" else Alone(CLOCK)


@pytest.fixture
def granted(keeper, until):
    """Wait until a call is let through; return why."""

    def wait(**changed):
        found = until(lambda: _granted(keeper, **changed), CLOCK.tick)
        return found.reason

    return wait


def _granted(keeper, **changed):
    found = keeper.admit(replace(ASK, **changed))
    return found if found.granted else None


def fail(keeper, times=1, **changed):
    return [keeper.settle(replace(ASK, **changed), SICK) for _ in range(times)]


def refused(keeper, **changed):
    found = keeper.admit(replace(ASK, **changed))
    assert not found.granted
    return found.reason


def test_so_many_failures_in_a_row_open_it(keeper):
    assert keeper.admit(ASK).granted
    assert fail(keeper, 2) == ["", "opened"]
    found = keeper.admit(ASK)
    assert (found.granted, found.reason) == (False, "open")
    assert 0 < found.wait < 0.21
    assert keeper.standing("loops", 2).state == "open"


def test_after_a_while_one_call_probes_and_the_others_wait(keeper, granted):
    fail(keeper, 2)
    assert granted(token="probe", lease=60) == "probe"
    found = keeper.admit(replace(ASK, token="other"))
    assert (found.granted, found.reason) == (False, "probing")
    assert 0 < found.wait < 60.1
    assert keeper.standing("loops", 2).state == "half_open"


def test_a_probe_that_goes_well_closes_it(keeper, granted):
    fail(keeper, 2)
    granted(token="probe")
    assert keeper.settle(replace(ASK, token="probe"), WELL) == "closed"
    assert keeper.admit(ASK).reason == ""
    assert keeper.standing("loops", 2).failures == 0


def test_a_probe_that_fails_opens_it_again(keeper, granted):
    fail(keeper, 2)
    granted(token="probe")
    assert fail(keeper, token="probe") == ["reopened"]
    assert refused(keeper) == "open"


def test_a_probe_whose_process_died_is_followed_by_another(keeper, granted):
    fail(keeper, 2)
    assert granted(token="dead", lease=0.2) == "probe"
    assert granted(token="next") == "probe"
    assert keeper.settle(replace(ASK, token="dead"), WELL) == ""
    assert keeper.settle(replace(ASK, token="next"), WELL) == "closed"


def test_a_probe_that_came_to_nothing_leaves_it_to_the_next(keeper, granted):
    fail(keeper, 2)
    granted(token="probe", lease=60)
    keeper.settle(replace(ASK, token="probe"), UNKNOWN)
    assert keeper.admit(replace(ASK, token="next")).reason == "probe"


@pytest.mark.parametrize("late", [WELL, SICK])
def test_a_call_from_before_it_opened_changes_nothing(keeper, late):
    fail(keeper, 2, open=60)
    assert keeper.settle(replace(ASK, token="late", open=60), late) == ""
    assert refused(keeper) == "open"


def test_a_limit_lets_its_burst_through_and_says_when_the_next_may_come(keeper):
    slow = replace(ASK, limits=(Limit(0.1, 3),))
    assert [keeper.admit(slow).granted for _ in range(5)] == [True, True, True, False, False]
    assert 9 < keeper.admit(slow).wait < 10.1


def test_a_short_wait_is_granted_and_counted(keeper):
    slow = replace(ASK, limits=(Limit(0.1, 1),), patience=15)
    waits = [keeper.admit(slow) for _ in range(3)]
    assert [found.granted for found in waits] == [True, True, False]
    assert waits[0].wait == 0
    assert 9 < waits[1].wait < 10.1
    assert 19 < waits[2].wait < 20.1


def test_the_strictest_of_several_limits_counts_and_a_refused_call_spends_none(keeper):
    both = replace(ASK, limits=(Limit(0.1, 4), Limit(0.1, 2, each_operation=True)))
    other = replace(both, operation="send")
    assert [keeper.admit(both).granted for _ in range(4)] == [True, True, False, False]
    assert [keeper.admit(other).granted for _ in range(3)] == [True, True, False]


def test_a_service_that_asks_for_a_pause_gets_it(keeper, granted):
    keeper.settle(ASK, Finding(health="well", outcome="x", hold=0.2))
    assert refused(keeper) == "retry_after"
    assert granted() == ""


def test_a_shorter_pause_does_not_shorten_a_longer_one(keeper):
    for hold in (60, 0, 5):
        keeper.settle(ASK, Finding(health="well", outcome="x", hold=hold))
    assert keeper.admit(ASK).wait > 50


def test_services_are_apart(keeper):
    fail(keeper, 2)
    assert keeper.admit(replace(ASK, service="clerk")).granted
    assert keeper.standing("clerk", 2).state == "closed"
