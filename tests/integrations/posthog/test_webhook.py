"""Who gets in as PostHog, and what is read in what it posts."""

import json
import time
from datetime import UTC, datetime

import pytest

from integrations.errors import InvalidSignature, Unreadable
from integrations.interface import Delivery
from integrations.posthog import POSTHOG

SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SHARED = "a secret that both of us know"
RECEIVED = datetime(2026, 11, 23, 12, tzinfo=UTC)


def refusal(headers, *secrets, body=b"{}"):
    with pytest.raises(InvalidSignature) as refused:
        POSTHOG.verify(body, headers, secrets, time.time())
    return refused.value.reason


def read(body, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    kept = {name.replace("_", "-"): value for name, value in headers.items()}
    return POSTHOG.read(Delivery("posthog", "", raw, kept, RECEIVED))


@pytest.mark.parametrize(
    "headers", [{"x-webhook-secret": SHARED}, {"authorization": f"Bearer {SHARED}"}]
)
@pytest.mark.parametrize("secrets", [[SHARED], [SIGNING, SHARED]])
def test_who_brings_the_shared_secret_comes_in(headers, secrets):
    POSTHOG.verify(b"{}", headers, secrets, time.time())


def test_who_signs_comes_in_where_a_shared_secret_would_do_too():
    headers = POSTHOG.sign(b"{}", SIGNING, time.time(), "msg_1")
    POSTHOG.verify(b"{}", headers, [SHARED, SIGNING], time.time())


@pytest.mark.parametrize(
    ("headers", "secrets", "reason"),
    [
        ({"x-webhook-secret": SHARED[:-1]}, [SHARED], "signature_mismatch"),
        ({"x-webhook-secret": SHARED + "x"}, [SHARED], "signature_mismatch"),
        ({"x-webhook-secret": "\N{SNOWMAN}" * 20}, [SHARED], "signature_mismatch"),
        ({"authorization": f"Basic {SHARED}"}, [SHARED], "signature_mismatch"),
        ({"authorization": "Bearer "}, [SHARED], "missing_header"),
        ({}, [SHARED], "missing_header"),
        ({"x-webhook-secret": SHARED}, [], "no_secret_configured"),
    ],
)
def test_who_brings_another_secret_or_none_is_refused(headers, secrets, reason):
    assert refusal(headers, *secrets) == reason


def test_a_signing_secret_is_never_taken_as_a_shared_one():
    assert refusal({"x-webhook-secret": SIGNING}, SIGNING) == "signature_mismatch"


def test_a_shared_secret_signs_nothing():
    """Else the bytes that it happens to be in base64 would be a key."""
    shared = SIGNING.removeprefix("whsec_")
    headers = POSTHOG.sign(b"{}", SIGNING, time.time(), "msg_1")
    assert refusal(headers, shared) == "signature_mismatch"
    POSTHOG.verify(b"{}", headers | {"x-webhook-secret": SHARED}, [shared, SHARED], time.time())


def test_a_shared_secret_that_can_be_guessed_admits_nobody():
    assert refusal({"x-webhook-secret": "fifteen chars.."}, "fifteen chars..") == (
        "signature_mismatch"
    )
    assert not POSTHOG.usable("fifteen chars..", time.time())
    assert POSTHOG.usable("sixteen chars...", time.time())


def test_an_event_is_known_by_its_uuid_and_name():
    event = read(
        {
            "event": {
                "uuid": "0193a1b2-77aa-7000-8000-000000000000",
                "event": "$pageview",
                "distinct_id": "user_1",
                "timestamp": "2026-11-23T13:00:00.250+02:00",
            },
            "person": {"id": "p1"},
        },
        webhook_id="msg_1",
    )
    assert (event.id, event.type) == ("0193a1b2-77aa-7000-8000-000000000000", "$pageview")
    assert event.occurred_at == datetime(2026, 11, 23, 11, 0, 0, 250_000, UTC)
    assert event.snapshot.object["distinct_id"] == "user_1"
    assert event.payload["person"] == {"id": "p1"}


def test_an_event_without_a_uuid_is_known_by_what_repeats_a_delivery():
    told = {"event": {"event": "$pageview"}}
    assert read(told, webhook_id="msg_1").id == "msg_1"
    assert read(told).id == read(told).id
    assert read(told).id.startswith("sha256:")
    assert read({"event": {"event": "$pageleave"}}).id != read(told).id


def test_an_event_without_a_time_happened_when_it_came():
    assert read({"event": {"event": "$pageview"}}).occurred_at == RECEIVED


def test_a_time_without_a_zone_is_in_utc():
    event = read({"event": {"event": "$set", "timestamp": "2020-08-16T09:03:11.913767"}})
    assert event.occurred_at == datetime(2020, 8, 16, 9, 3, 11, 913_767, UTC)


def test_a_template_may_make_the_event_the_body():
    event = read({"event": "signed_up", "uuid": "u1", "timestamp": "2024-01-01T00:00:00Z"})
    assert (event.id, event.type) == ("u1", "signed_up")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"event": {"uuid": "u1"}}, r"^Told\.event: "),
        ({"event": None}, r"^Told\.event: "),
        ({"event": {"event": ""}}, r"^Told\.event: "),
        ({"event": {"event": "a", "timestamp": "soon"}}, r"^Told\.timestamp: "),
        ({"event": {"event": "a", "timestamp": 1700000000}}, r"^Told\.timestamp: "),
        ({"event": {"event": "a", "timestamp": "0001-01-01T00:00:00+05:00"}}, r"^Told\.timestamp"),
        (b"[]", "not a JSON object"),
    ],
)
def test_what_names_no_event_is_unreadable(body, why):
    with pytest.raises(Unreadable, match=why):
        read(body)
