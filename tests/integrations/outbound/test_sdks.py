"""The services' own libraries go through the gate: one line a call, and none while it is shut."""

import httpx
import pytest
from cloudflare import APIConnectionError, Cloudflare

from integrations.clerk import client as clerk
from integrations.errors import Blocked, Permanent, Transient
from integrations.outbound import raised, session, transport
from integrations.stripe import client as stripe
from local.server import free_port


@pytest.fixture
def libraries(sick, given):
    """Stripe's and Clerk's libraries, pointed at the sick service; tell them the path to ask."""

    def at(path):
        given(
            stripe_api_key="sk_test_x",
            stripe_api_base=sick.url + path,
            clerk_secret_key="sk_test_y",
            clerk_api_base=sick.url + path,
        )
        forget()

    at("")
    yield at
    forget()


def forget():
    """Have the clients made anew, from the settings."""
    web = clerk.client().sdk_configuration.client
    assert web is not None
    web.close()
    for made in (stripe.client, clerk.client):
        made.cache_clear()


CHECKS = pytest.mark.parametrize(
    ("service", "check"), [("stripe", stripe.check_key), ("clerk", clerk.check_key)]
)


@CHECKS
def test_a_call_has_one_line(libraries, sick, told, service, check):
    libraries("/says_total")
    sick.says = lambda: (200, {})
    check()
    [line] = told()
    assert (line["service"], line["method"], line["status"]) == (service, "GET", 200)


@CHECKS
@pytest.mark.parametrize(
    ("path", "unknown"),
    [
        ("/status/429/60", False),
        ("/status/500", True),
        ("/status/409", True),
        ("/html", True),
        ("/half", True),
        ("/reset", True),
        ("/never", True),
    ],
)
def test_what_may_get_better_is_transient_and_is_not_tried_again_by_the_library(  # noqa: PLR0917
    libraries, sick, told, service, check, path, unknown
):
    libraries(path)
    with pytest.raises(Transient) as error:
        check()
    assert error.value.unknown is unknown
    assert len(sick.asked) == len(told()) == 1


@CHECKS
def test_the_wait_that_the_service_asks_for_is_kept(libraries, service, check):
    libraries("/status/429/60")
    with pytest.raises(Transient) as error:
        check()
    assert error.value.retry_after == 60


@CHECKS
@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_what_will_not_get_better_is_permanent_and_a_failure(
    libraries, told, service, check, status
):
    libraries(f"/status/{status}")
    with pytest.raises(Permanent) as error:
        check()
    assert str(status) in str(error.value)
    assert [line["outcome"] for line in told()] == ["permanent"]


@CHECKS
def test_nothing_leaves_while_the_breaker_is_open(libraries, sick, told, service, check):
    libraries("/status/500")
    for _ in range(3):
        with pytest.raises(Transient):
            check()
    with pytest.raises(Blocked) as deferred:
        check()
    assert 0 < deferred.value.wait <= 30
    assert len(sick.asked) == 3
    assert [line["outcome"] for line in told()] == ["transient"] * 3 + ["deferred"]


def test_a_session_goes_through_the_gate(sick, told):
    gated = session("posthog")
    assert gated.post(sick.url + "/ok", json={"batch": []}, timeout=99).json() == {"ok": True}
    for path in ("/half", "/status/500", "/never"):
        with pytest.raises(Transient):
            gated.post(sick.url + path)
    with pytest.raises(Blocked):
        gated.post(sick.url + "/ok")
    assert gated is session("posthog")
    assert len(sick.asked) == 4
    assert len(told()) == 5


def test_cloudflares_library_goes_through_the_gate(sick, told):
    def ask(path):
        web = httpx.Client(transport=transport("cloudflare"))
        with Cloudflare(
            api_token="x", base_url=sick.url + path, max_retries=0, http_client=web
        ) as cloudflare:
            cloudflare.queues.messages.pull("q", account_id="a")

    ask("/ok")
    for _ in range(3):
        with pytest.raises(APIConnectionError) as failed:
            ask("/status/500")
        assert isinstance(raised(failed.value), Transient)
    with pytest.raises(APIConnectionError) as failed:
        ask("/ok")
    assert isinstance(raised(failed.value), Blocked)
    assert len(sick.asked) == 4
    assert len(told()) == 5


def test_httpx_has_done_nothing_where_nobody_answers():
    with (
        httpx.Client(transport=transport("clerk")) as web,
        pytest.raises(Transient) as error,
    ):
        web.get(f"http://127.0.0.1:{free_port()}")
    assert error.value.unknown is False
