"""What the application is told, and what its answers mean."""

import base64
import json
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import responses

from integrations import standard_webhooks
from integrations.effects import Sending
from integrations.errors import Permanent, Transient
from integrations.targets import TARGETS
from settings import settings

URL = "https://app.example.org/hooks/s3cret"
SECRET = "whsec_" + base64.b64encode(b"between the team and Tallyman").decode()
WHEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAYLOAD = {"type": "seats.changed", "data": {"seats": 5}}


@pytest.fixture
def configured(monkeypatch):
    def configure(secret=SECRET):
        monkeypatch.setenv("APP_WEBHOOK_URL", URL)
        monkeypatch.setenv("APP_WEBHOOK_SECRET", secret)
        settings.cache_clear()

    yield configure
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def app(configured, clean):
    configured()
    with responses.RequestsMock() as mock:
        yield mock


def deliver(**sending):
    told = replace(Sending(key="key_1", occurred_at=WHEN, payload=PAYLOAD), **sending)
    TARGETS["app"].actions["deliver"].send(told, None)


def test_the_payload_comes_with_its_time_and_is_signed_under_the_effects_key(app):
    app.post(URL, status=204)
    deliver()
    request = app.calls[0].request
    headers = {name.lower(): value for name, value in request.headers.items()}
    standard_webhooks.verify(request.body, headers, [SECRET], time.time())
    assert headers["webhook-id"] == "key_1"
    assert headers["content-type"] == "application/json"
    assert json.loads(request.body) == PAYLOAD | {"timestamp": "2026-03-01T12:00:00+00:00"}


def test_a_second_attempt_has_the_same_id(app):
    app.post(URL, status=200)
    deliver(attempt=1)
    deliver(attempt=2)
    assert {call.request.headers["webhook-id"] for call in app.calls} == {"key_1"}


@pytest.mark.parametrize("status", [400, 401, 404, 500, 503])
def test_an_application_that_is_being_mended_is_asked_again(app, status):
    app.post(URL, status=status)
    with pytest.raises(Transient):
        deliver()


def test_a_410_says_that_the_application_wants_no_more(app):
    app.post(URL, status=410)
    with pytest.raises(Permanent, match="410"):
        deliver()


def test_a_secret_that_is_no_key_sends_nothing(configured):
    configured(secret="whsec_")
    with pytest.raises(Permanent, match="APP_WEBHOOK_SECRET: the secret is no key"):
        deliver()


def test_an_effect_that_only_names_an_entity_has_nothing_to_post(configured):
    configured()
    with pytest.raises(Permanent, match="an entity has none"):
        deliver(payload={}, entity="user_1")


def test_the_application_is_on_when_both_its_address_and_its_secret_are_set(configured):
    assert not TARGETS["app"].on()
    configured()
    assert TARGETS["app"].on()
