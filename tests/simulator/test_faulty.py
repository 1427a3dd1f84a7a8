"""The APIs when their dials are turned."""

from typing import Any

import pytest
import requests
import stripe
from clerk_backend_api import models

from tests.simulator.conftest import NOW


def test_a_throttled_api_says_when_to_come_again(services, ask_stripe, ask_clerk, dials):
    dials.turn({"throttle": 1, "retry_after": 7})
    with pytest.raises(stripe.RateLimitError) as limited:
        ask_stripe.customers.list()
    error: Any = limited.value
    assert (error.headers["retry-after"], error.error.code) == ("7", "rate_limit")
    with pytest.raises(models.SDKError) as refused:
        ask_clerk.users.list(request={})
    assert (refused.value.status_code, refused.value.headers["retry-after"]) == (429, "7")
    assert services.stripe.refused == services.clerk.refused == {429: 1}


def test_so_many_requests_a_second_are_answered(services, ask_stripe, dials):
    dials.turn({"rate": 2})
    for _ in range(2):
        ask_stripe.customers.list()
    with pytest.raises(stripe.RateLimitError):
        ask_stripe.customers.list()
    services.clock.at = NOW + 1
    ask_stripe.customers.list()


def test_a_failing_api_does_nothing(services, ask_stripe, ask_clerk, dials):
    dials.turn({"fail": 1})
    with pytest.raises(stripe.APIError):
        ask_stripe.customers.create({})
    with pytest.raises(models.SDKError):
        ask_clerk.users.create(first_name="Ada")
    assert services.stripe.store.objects == services.clerk.store.objects == {}


def test_some_requests_fail_and_the_others_are_answered(services, ask_stripe, dials):
    dials.turn({"fail": 0.3, "throttle": 0.2})
    outcomes: set[int | None] = set()
    for _ in range(40):
        try:
            ask_stripe.customers.list()
            outcomes.add(200)
        except stripe.StripeError as error:
            outcomes.add(error.http_status)
    assert outcomes == {200, 429, 500}


def test_a_slow_api_answers_in_the_end(ask_stripe, dials):
    dials.turn({"slow": 0.05})
    assert ask_stripe.customers.list().data == []


def test_a_skewed_clock_is_in_the_answers_and_the_events(services, ask_stripe, dials):
    dials.turn({"skew": 90})
    made = ask_stripe.customers.create({})
    assert made.created == services.stripe.store.events[0]["created"] == NOW + 90


def test_dials_are_turned_over_http(services, dials):
    url = f"{services.url}/_dials"
    answer = requests.post(url, json={"drop": 0.25}, timeout=5)
    assert (answer.status_code, answer.json()["dials"]["drop"], dials.drop) == (200, 0.25, 0.25)
    assert requests.get(url, timeout=5).json()["dials"]["drop"] == 0.25
    refused = requests.post(url, json={"drop": 2}, timeout=5)
    assert refused.status_code == 400
    assert refused.json()["error"].startswith("drop: ")
    assert dials.drop == 0.25


def test_curl_turns_them_as_the_command_says(services, dials):
    url = f"{services.url}/_dials"
    as_curl_does = {"content-type": "application/x-www-form-urlencoded"}
    answer = requests.post(url, b'{"drop": 0.25}', headers=as_curl_does, timeout=5)
    assert (answer.status_code, dials.drop) == (200, 0.25)


@pytest.mark.parametrize("said", [b"[1]", b"drop=1", b"\xff"])
def test_what_turns_no_dial_is_refused(services, said):
    answer = requests.post(f"{services.url}/_dials", said, timeout=5)
    assert (answer.status_code, answer.json()) == (400, {"error": "no JSON object of dials"})


def test_there_is_no_other_service(services):
    assert requests.get(f"{services.url}/nobody/v1", timeout=5).status_code == 404
