"""The log's line of a call, and the counts."""

import contextlib

import pytest

from integrations.errors import Blocked, Transient
from integrations.outbound import calls, line, request
from integrations.outbound.figures import Figures


def ask(sick, path, **more):
    return request("loops", "contacts.find", "PUT", sick.url + path, **more)


def without(found, *names):
    return {k: v for k, v in found.items() if k not in {"timestamp", "logger", "level", *names}}


def test_a_call_has_one_line(sick, told):
    ask(sick, "/ok/user_1?email=a@b.example", json={"email": "a@b.example"}, attempt=3)
    [found] = told()
    assert found.pop("ms") >= 0
    assert without(found) == {
        "event": "call",
        "service": "loops",
        "operation": "contacts.find",
        "method": "PUT",
        "path": "/ok/user_1",
        "status": 200,
        "attempt": 3,
        "outcome": "ok",
        "request_id": "req_1",
    }


def test_a_call_without_an_answer_has_one_line_too(sick, told):
    with pytest.raises(Transient):
        ask(sick, "/never")
    [found] = told()
    assert without(found, "ms", "error")["outcome"] == "transient"
    assert "status" not in found


def test_a_call_that_is_deferred_has_one_line_that_says_why(sick, told):
    with pytest.raises(Transient):
        ask(sick, "/status/429/60")
    with pytest.raises(Blocked):
        ask(sick, "/ok")
    assert [(x["outcome"], x.get("reason")) for x in told()] == [
        ("transient", None),
        ("deferred", "retry_after"),
    ]


def test_a_secret_address_is_not_told(sick, told):
    request("slack", "post", "POST", sick.url + "/ok/T0/B0/x1y2", path="/hook")
    [found] = told()
    assert found["path"] == "/hook"


@pytest.mark.parametrize(
    ("url", "path", "operation"),
    [
        ("https://a.b/v1/customers/cus_N1?x=y", "/v1/customers/cus_N1", "GET /v1/customers/*"),
        ("https://a.b/c/find/jo%40x.org", "/c/find/*", "GET /c/find/*"),
        ("https://a.b/c/jo@x.org/lists", "/c/*/lists", "GET /c/*/lists"),
        ("https://a.b/a%2Fb c/d", "/*/d", "GET /*/d"),
        ("https://a.b", "", "GET "),
    ],
)
def test_a_path_is_shown_with_words_and_ids_only(url, path, operation):
    assert (line.shown(url), line.operation("GET", url)) == (path, operation)


def test_calls_are_counted_by_what_came_of_them(sick):
    for path in ("/ok", "/ok", "/status/429/60", "/ok"):
        with contextlib.suppress(Transient, Blocked):
            ask(sick, path)
    found = {outcome: count for (_, outcome), (count, _) in calls().items()}
    assert found == {"ok": 2, "transient": 1, "deferred": 1}


def test_the_counts_are_among_the_metrics(sick):
    for path in ("/ok", "/ok", "/status/429/60", "/ok"):
        with contextlib.suppress(Transient, Blocked):
            ask(sick, path)
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in Figures().collect()
        for sample in family.samples
    }
    assert found.pop(("tallyman_call_seconds_sum", "loops", "ok")) > 0
    assert found.pop(("tallyman_call_seconds_sum", "loops", "transient")) >= 0
    buckets = {key: found.pop(key) for key in list(found) if key[0].endswith("_bucket")}
    assert buckets["tallyman_call_seconds_bucket", "loops", "ok", "10.0"] == 2
    assert buckets["tallyman_call_seconds_bucket", "loops", "transient", "+Inf"] == 1
    assert found == {
        ("tallyman_calls_total", "loops", "ok"): 2,
        ("tallyman_calls_total", "loops", "transient"): 1,
        ("tallyman_calls_total", "loops", "deferred"): 1,
        ("tallyman_call_seconds_count", "loops", "ok"): 2,
        ("tallyman_call_seconds_count", "loops", "transient"): 1,
        ("tallyman_breaker_state", "loops", "closed"): 1,
        ("tallyman_breaker_state", "loops", "half_open"): 0,
        ("tallyman_breaker_state", "loops", "open"): 0,
    }
