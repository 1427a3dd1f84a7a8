"""Eight processes share one limit and one breaker."""

import contextlib
import time
from collections import Counter

from integrations.errors import Blocked, Transient
from integrations.outbound import calls, request, states
from integrations.outbound.keeper import Question
from integrations.outbound.limits import Limit
from integrations.outbound.shared import Shared, redis
from tests.integrations.outbound.crowd import TOGETHER, crowd


def now():
    seconds, micros = redis().time()
    return seconds + micros / 1e6


def test_together_they_never_exceed_a_limit(tmp_path):
    limit, counted = Limit(50, 5), TOGETHER.Value("i", 0)
    began = now()

    def work():
        keeper = Shared()
        ask = Question(
            service="loops",
            operation="",
            token="",
            limits=(limit,),
            failures=1,
            open=1,
            lease=1,
            patience=0,
        )
        for _ in range(150):
            granted = keeper.admit(ask).granted
            with counted.get_lock():
                counted.value += granted

    crowd(tmp_path, work)
    assert limit.burst <= counted.value <= limit.rate * (now() - began) + limit.burst


def call_until_it_is_well(url):
    while True:
        try:
            return request("loops", "find", "GET", url)
        except Blocked as deferred:
            time.sleep(min(deferred.wait, 0.01))
        except Transient:
            continue


def refuse_until_all_have_asked(sick, until):
    """Refuse 14 calls; each probe only when the seven others have been sent away meanwhile."""

    def deferred():
        return calls().get(("loops", "deferred"), (0, 0))[0]

    def says():
        before = deferred()
        if states(["loops"])["loops"].failures >= 3:
            until(lambda: deferred() >= before + 7)
        return (500 if len(sick.asked) <= 14 else 200), {}

    return says


def test_one_of_them_probes_each_time_that_the_breaker_is_half_open(sick, given, tmp_path, until):
    given(breaker_failures=3, breaker_open_seconds=0.1, call_read_seconds=20)
    sick.says = refuse_until_all_have_asked(sick, until)
    lines = crowd(tmp_path, lambda: call_until_it_is_well(sick.url + "/told"))

    made = [line for line in lines if line["event"] == "call" and line["outcome"] != "deferred"]
    refused = Counter(line.get("probe", False) for line in made if line["outcome"] == "transient")
    changes = Counter(line["change"] for line in lines if line["event"] == "breaker")
    assert changes["opened"] == changes["closed"] == 1
    assert refused[True] == changes["reopened"] >= 3  # one probe for each half-open
    assert refused[False] <= 3 + 7  # what had begun before the third failure was known
    assert len(made) == len(sick.asked)


def test_a_probe_that_is_killed_is_not_waited_for_without_end(sick, given, until):
    given(breaker_failures=1, breaker_open_seconds=0.05, call_read_seconds=25)
    with contextlib.suppress(Transient):
        request("loops", "find", "GET", sick.url + "/status/500")
    until(lambda: states()["loops"].state == "half_open")
    prober = TOGETHER.Process(target=request, args=("loops", "find", "GET", sick.url + "/never"))
    prober.start()
    until(lambda: "/never" in sick.asked)
    prober.kill()
    prober.join()
    [key] = redis().keys("tallyman:outbound:loops:probe")
    assert 0 < redis().ttl(key) <= 30 - 5 - 1 + 5
    redis().pexpire(key, 1)  # as if that time were over
    until(lambda: not redis().exists(key))
    assert request("loops", "find", "GET", sick.url + "/ok").status == 200
