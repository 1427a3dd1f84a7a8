"""A service whose answer never ends is cut off, though it is never silent for long."""

from contextlib import suppress

import boto3
import httpx
import pytest
from botocore.config import Config

from integrations.errors import Transient
from integrations.outbound import gate, guard, request, session, states, transport
from integrations.outbound.call import Call


@pytest.fixture(autouse=True)
def short(given, monkeypatch):
    """Calls end soon."""
    monkeypatch.setattr(gate, "_BEYOND", 0.2)
    given(call_connect_seconds=0.1, call_read_seconds=0.2, breaker_failures=9)


def by_request(url):
    request("loops", "drip", "POST", url, json={})


def by_session(url):
    session("posthog").post(url, json={})


def by_httpx(url):
    with httpx.Client(transport=transport("clerk")) as web:
        web.get(url)


def by_boto(url):
    """The path says what to do, so it is bucket and key."""
    base, _, path = url.removeprefix("http://").partition("/")
    bucket, _, key = path.partition("/")
    shape = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    made = boto3.client(
        "s3",
        endpoint_url=f"http://{base}",
        region_name="auto",
        aws_access_key_id="x",
        aws_secret_access_key="y",
        config=shape,
    )
    guard(made, "r2").get_object(Bucket=bucket, Key=key or "x")["Body"].read()


WAYS = pytest.mark.parametrize("ask", [by_request, by_session, by_httpx, by_boto])


@WAYS
@pytest.mark.parametrize("path", ["/drip_headers/x", "/drip_body/x", "/drip_unbounded/x"])
@pytest.mark.timeout(20)
def test_an_answer_that_drips_is_cut_off_and_its_outcome_is_unknown(sick, ask, path, told):
    with pytest.raises(Transient) as cut:
        ask(sick.url + path)
    assert cut.value.unknown is True
    [line] = told()
    assert line["outcome"] == "transient"


@WAYS
def test_a_connection_that_was_cut_serves_nobody_after(sick, ask):
    with suppress(Transient):
        ask(sick.url + "/drip_body/x")
    ask(sick.url + "/ok/x")


def test_a_connection_that_is_used_again_is_cut_off_too(sick):
    by_request(sick.url + "/ok")
    with pytest.raises(Transient):
        by_request(sick.url + "/drip_body")
    assert states()["loops"].failures == 1


def test_a_call_and_a_time_slice_fit_into_a_tasks_time(given):
    given(call_connect_seconds=30, call_read_seconds=25)
    assert gate.deadline() + 5 < 30
    given(call_connect_seconds=3, call_read_seconds=10)
    assert gate.deadline() == 13.2


def test_a_probe_has_its_lease_for_longer_than_a_call_takes():
    call = Call(service="loops", operation="x", method="GET", path="/")
    assert gate._question(call).lease > gate.deadline() + gate.PATIENCE
