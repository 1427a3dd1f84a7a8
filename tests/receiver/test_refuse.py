"""Who is not let in, what they are told, and what is noted of them."""

import io

import pytest

from receiver import app, refusals
from settings import settings
from tests.receiver.deliveries import kept_in_redis, secret_of, signed, stripe_body
from worker.inbox import redis
from worker.refused import REFUSED, latest, listed

BODY = stripe_body()


def refused(answer, status, reason):
    assert (answer.status_code, answer.json) == (status, {"error": reason})
    assert answer.content_type == "application/json"
    assert not kept_in_redis()


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        (lambda: signed("stripe", BODY, secret="whsec_forged"), "signature_mismatch"),
        (lambda: signed("stripe", BODY + b" "), "signature_mismatch"),
        (lambda: signed("stripe", BODY, age=301), "timestamp_too_old"),
        (lambda: signed("stripe", BODY, age=-310), "timestamp_in_future"),
        (dict, "missing_header"),
        (lambda: {"Stripe-Signature": ""}, "missing_header"),
        (lambda: {"Stripe-Signature": "garbage"}, "malformed_header"),
    ],
    ids=["forged", "of another body", "old", "future", "none", "empty", "garbage"],
)
def test_a_delivery_is_refused_with_the_reason_when_its_signature_is_not_right(
    post, headers, reason
):
    refused(post(body=BODY, headers=headers()), 401, reason)


def test_everything_is_refused_when_an_endpoint_has_no_secret(client, monkeypatch):
    monkeypatch.setitem(app._SECRETS, ("stripe", ""), ())
    answer = client.post("/webhooks/stripe", data=BODY, headers=signed("stripe", BODY))
    refused(answer, 401, "no_secret_configured")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/webhooks/paypal", "unknown_service"),
        ("/webhooks/paypal/connect", "unknown_service"),
        ("/webhooks/stripe/unknown", "unknown_endpoint"),
        ("/webhooks/clerk/connect", "unknown_endpoint"),
        ("/webhooks/stripe/connect/more", "not_found"),
        ("/webhooks", "not_found"),
        ("/", "not_found"),
    ],
)
def test_an_unknown_address_is_not_found_whatever_its_signature(client, path, reason):
    refused(client.post(path, data=BODY, headers=signed("stripe", BODY)), 404, reason)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_only_posting_is_allowed(client, method):
    answer = client.open("/webhooks/stripe", method=method)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(("beyond", "status"), [(0, 202), (1, 413)])
def test_a_body_beyond_the_limit_is_too_large_even_when_it_does_not_tell_its_size(
    client, chunked, beyond, status
):
    body = b" " * (settings().receiver.max_body_bytes + beyond)
    headers = signed("stripe", body)
    if chunked:  # as gunicorn hands over what comes in chunks
        environ = {"wsgi.input_terminated": True, "wsgi.input": io.BytesIO(body)}
        answer = client.post("/webhooks/stripe", headers=headers, environ_overrides=environ)
    else:
        answer = client.post("/webhooks/stripe", data=body, headers=headers)
    assert answer.status_code == status
    assert len(kept_in_redis()) == (status == 202)


def test_a_refusal_is_noted_with_who_came_and_not_with_what_they_brought(post):
    secret_body = b'{"email":"ada@example.org"}'
    signature = signed("stripe", secret_body, secret="whsec_forged", endpoint="connect")
    signature |= {"X-Private": "value-of-a-header", "User-Agent": "Mallory/1.0"}
    post(body=secret_body, endpoint="connect", headers=signature)
    (noted,) = latest(10)
    assert (noted.service, noted.endpoint) == ("stripe", "connect")
    assert noted.reason == "signature_mismatch"
    assert noted.address == "127.0.0.1"
    assert noted.size == len(secret_body)
    assert {"stripe-signature", "x-private", "user-agent"} <= set(noted.headers.split(","))
    everything = repr(redis().xrange(listed("stripe", noted.reason)))
    for private in ("ada@", "value-of-a-header", "Mallory", "v1=", "t=1", "whsec"):
        assert private not in everything


def test_the_latest_refusals_come_first_and_can_be_those_of_one_service(post):
    post(headers={})
    post("clerk", b"{}", headers={})
    post(body=b"longer body", headers={"Stripe-Signature": "x"})
    assert [noted.service for noted in latest(10)] == ["stripe", "clerk", "stripe"]
    assert [noted.reason for noted in latest(1)] == ["malformed_header"]
    assert [noted.service for noted in latest(10, "clerk")] == ["clerk"]


def test_noise_drives_out_nothing_that_a_service_may_have_signed(post):
    post(secret="whsec_another")
    post(headers={})
    post("clerk", b"{}", headers={})
    redis().xtrim(REFUSED, 0, approximate=False)  # as if many had come since
    assert [noted.reason for noted in latest(10)] == ["signature_mismatch"]
    assert [noted.reason for noted in latest(10, "stripe")] == ["signature_mismatch"]


def test_what_is_accepted_is_not_noted_as_refused(post):
    post()
    assert latest(10) == []


def test_a_flood_of_refusals_is_answered_whole_and_noted_in_part(post, clock):
    second = int(clock.monotonic()) + 10
    clock.monotonic = lambda: second
    assert {post(headers={}).status_code for _ in range(100)} == {401}
    assert len(latest(1000)) == refusals._PER_SECOND
    clock.monotonic = lambda: second + 1
    post("clerk", b"{}", headers={})
    assert latest(1)[0].service == "clerk"


def test_a_request_with_very_many_headers_is_noted_in_bounds(post):
    post(headers={f"X-{n:0>50}": "v" for n in range(100)})
    assert len(latest(1)[0].headers) <= 1000


def test_a_secret_of_one_service_opens_no_other(post):
    answer = post("clerk", b"{}", secret=secret_of("stripe").removeprefix("whsec_"))
    refused(answer, 401, "signature_mismatch")


@pytest.mark.parametrize(("proxies", "address"), [("0", "127.0.0.1"), ("1", "198.51.100.7")])
def test_the_senders_address_is_believed_of_our_own_proxies_only(
    client, monkeypatch, proxies, address
):
    monkeypatch.setenv("TRUSTED_PROXIES", proxies)
    settings.cache_clear()
    try:
        behind = app.create_app().test_client()
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    behind.post("/webhooks/stripe", data=BODY, headers={"X-Forwarded-For": "198.51.100.7"})

    assert latest(1)[0].address == address
