"""No library that calls says at any level whom a call is about; and each thread has its own."""

import io
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest
from botocore.exceptions import ClientError

import telemetry
from integrations.outbound import by_requests, request, session, transport
from integrations.outbound.limits import Limit, limits
from integrations.stripe import client as stripe
from tests.integrations.outbound.test_boto import s3
from tests.integrations.outbound.test_sdks import libraries

__all__ = ["libraries"]
WHOM = {"email": "ada+x@example.org"}


def by_stripe(_url):
    with stripe.asking():
        stripe.client().v1.customers.create({"email": WHOM["email"], "name": "ada"})


def by_httpx(url):
    with httpx.Client(transport=transport("clerk")) as web:
        web.get(url + "/ok", params=WHOM)


def by_boto(url):
    with suppress(ClientError):  # what it answers is not XML
        s3(url).put_object(Bucket="ok", Key=WHOM["email"], Body=b"x")


WAYS = {
    "requests": lambda url: request("loops", "find", "GET", url + "/ok", params=WHOM),
    "session": lambda url: session("posthog").get(url + "/ok", params=WHOM),
    "httpx": by_httpx,
    "boto3": by_boto,
    "stripe": by_stripe,
}


@pytest.mark.parametrize("ask", WAYS.values(), ids=WAYS)
def test_no_library_writes_an_address_into_the_log(libraries, sick, given, ask):
    given(log_level="DEBUG")
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    telemetry.configure()
    written = root.handlers[0].stream = io.StringIO()  # type: ignore[attr-defined]
    try:
        ask(sick.url)
    finally:
        root.handlers = before
        root.setLevel(level)
    assert '"event": "call"' in written.getvalue()
    for part in ("ada", "example.org"):
        assert part not in written.getvalue()


def test_stripes_library_uses_a_session_of_its_thread(libraries, sick):
    def used():
        stripe.check_key()
        return by_requests._here.sessions["stripe"]

    with ThreadPoolExecutor(1) as other:
        assert used() is not other.submit(used).result()
    assert len(sick.asked) == 2


def test_a_session_takes_no_password_from_a_netrc(sick, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login x password y\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    answer = session("posthog").post(sick.url + "/ok", headers={"Authorization": "Bearer z"})
    assert answer.request.headers["Authorization"] == "Bearer z"


def test_a_rate_that_is_set_holds_for_every_second_with_what_comes_at_once(given):
    given(call_limits="loops=100,clerk=0.01")
    assert limits("loops") == (Limit(91, 10),)  # ten at once and 90 more
    assert limits("clerk") == (Limit(0.01, 1),)
