"""Calls: the breaker, the limit, whether any succeeds; from what all processes left in Redis."""

from dataclasses import replace

import pytest

from integrations.outbound.keeper import Finding, Question
from integrations.outbound.limits import Limit
from integrations.outbound.shared import Shared, redis
from tests.worker.health.reasons import code

ASK = Question(
    service="loops",
    operation="find",
    token="a",
    limits=(Limit(10_000, 10_000),),
    failures=5,
    open=30,
    lease=5,
    patience=0,
)
OK = Finding(health="well", outcome="ok")
AWAY = Finding(health="sick", outcome="transient")
REFUSED = Finding(health="well", outcome="permanent")


@pytest.fixture
def made(clean, set_to):
    """Have calls of that outcome made."""
    set_to(LOOPS_API_KEY="key", WATCH_PATIENCE_SECONDS=60)

    def make(finding, times=1, **changed):
        for _ in range(times):
            Shared().settle(replace(ASK, **changed), finding)

    return make


def minutes_pass(minutes):
    """Move what was noted of calls into the past."""
    for key in list(redis().scan_iter("tallyman:outbound:calls:2*")):
        minute = int(key.rpartition(b":")[2])
        redis().rename(key, f"tallyman:outbound:calls:{minute - minutes}")
    for field, at in redis().hgetall("tallyman:outbound:calls:last").items():
        redis().hset("tallyman:outbound:calls:last", field, int(at) - 60 * minutes)
    if since := redis().get("tallyman:outbound:loops:since"):
        redis().set("tallyman:outbound:loops:since", int(since) - 60 * minutes)


def test_a_call_that_succeeded_is_the_last_one(made, told):
    made(OK)
    found = told("loops")
    assert (found.state, found.last_call is not None) == ("healthy", True)


def test_a_breaker_that_opened_just_now_is_only_slow(made, told):
    made(AWAY, 5)
    found = code(told("loops"), "breaker_open")
    assert (found.state, found.cause) == ("degraded", "loops")
    assert found.since is not None
    assert "failed 5 times in a row" in found.words


def test_one_that_stays_open_is_failing_since_it_opened_first(made, told):
    made(AWAY, 5)
    minutes_pass(4)
    made(AWAY, open=31)
    found = told("loops")
    assert found.state == "failing"
    assert [r.code for r in found.reasons] == ["breaker_open"]


def test_one_that_closed_again_leaves_nothing(made, told):
    made(AWAY, 5)
    redis().delete("tallyman:outbound:loops:open")
    question = replace(ASK, token="probe")
    assert Shared().admit(question).reason == "probe"
    made(OK, token="probe")
    assert told("loops").state == "healthy"


def test_where_no_call_succeeds_any_more_it_is_failing(made, told):
    made(OK)
    minutes_pass(20)
    made(REFUSED, 4)
    minutes_pass(2)
    made(REFUSED)
    found = code(told("loops"), "call_failing")
    assert (found.state, found.cause) == ("failing", "loops refused")
    assert "None of the last 5 calls to loops succeeded; the last success was 22 min" in found.words


def test_two_calls_that_failed_say_nothing(made, told):
    made(AWAY, 2)
    assert told("loops").state == "healthy"


def test_where_many_calls_fail_it_is_degraded(made, told):
    for _ in range(20):
        made(OK)
        made(AWAY)
    assert code(told("loops"), "call_failing").state == "degraded"


def test_many_calls_that_wait_for_the_limit_are_told_of(made, told):
    made(OK, 3)
    spent = replace(ASK, limits=(Limit(0.001, 1),))
    assert Shared().admit(spent).granted
    for _ in range(30):
        assert Shared().admit(spent).reason == "limit"
    found = code(told("loops"), "limiter_pressed")
    assert (found.state, found.cause) == ("degraded", "loops limit")


def test_what_is_said_of_a_part_counts_as_the_service(made, told, set_to):
    set_to(POSTHOG_PROJECT_KEY="phc_x")
    made(AWAY, 5, service="posthog.api")
    assert code(told("posthog"), "breaker_open").cause == "posthog.api"
