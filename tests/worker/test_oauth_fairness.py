"""One provider keeps no other from being renewed: by bells, by threads, or by its mistakes."""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from integrations.oauth import providers as of_oauth
from integrations.oauth.interface import Client, Endpoints, Provider
from settings import settings
from tests import oauth_loopback
from worker import bell, inbox, oauth_checks, slots
from worker.due import tick
from worker.schedule import Entry, schedule

BOUND = settings().inbox.doorbells


def bells():
    found = [json.loads(bell) for bell in inbox.redis().lrange("oauth.work", 0, -1)]
    return [bell["headers"]["task"] for bell in reversed(found)]


def test_the_bells_of_one_provider_keep_no_other_s_out(clean):
    for _ in range(2 * BOUND):
        assert bell.ring("slack.oauth.refresh")
    bell.ring("stripe.oauth.refresh")
    assert bells() == [*["slack.oauth.refresh"] * BOUND, "stripe.oauth.refresh"]


def test_what_is_to_be_renewed_is_still_told_when_all_threads_were_busy(clean, set_to):
    set_to(STRIPE_CLIENT_ID="ca_1")
    due = schedule(settings())["stripe.oauth"]
    assert (due.seconds, due.good_for) == (15, 60)
    assert schedule(settings())["runs"].good_for == 60
    tick({"x": Entry("stripe.oauth.refresh", 1000, lasts=5000)})
    (bell,) = map(json.loads, inbox.redis().lrange("oauth.work", 0, -1))
    left = datetime.fromisoformat(bell["headers"]["expires"]) - datetime.now(UTC)
    assert timedelta(seconds=4000) < left <= timedelta(seconds=5000)


def test_all_providers_together_hold_half_of_the_threads(clean, monkeypatch):
    monkeypatch.setattr(slots, "_slots", {})
    slots.share(4, ["oauth"])
    of_all = slots._slots["oauth"]
    with of_all, of_all, slots.slot("slack.oauth", "oauth") as mine:
        assert not mine
    with slots.slot("slack.oauth", "oauth") as mine:
        assert mine


@pytest.fixture
def broken(set_to, monkeypatch):
    """The team's own provider reads a variable that is not there."""
    acme = Provider(
        name="acme",
        client=lambda: Client(os.environ["ACME_ID"]),
        endpoints=lambda: Endpoints(authorize="https://a.example", token="https://a.example"),
    )
    monkeypatch.setattr(oauth_loopback, "PROVIDERS", [acme])
    set_to(OAUTH_PROVIDERS=oauth_loopback.__name__, STRIPE_CLIENT_ID="ca_1")
    of_oauth.providers.cache_clear()
    yield
    of_oauth.providers.cache_clear()


def test_a_provider_that_raises_keeps_no_worker_from_starting_and_doctor_names_it(broken):
    due = schedule(settings())
    assert "stripe.oauth" in due
    assert "acme.oauth" not in due
    (told,) = [one for one in oauth_checks.findings() if "acme" in one.what]
    assert (told.level, told.what) == ("fail", "oauth: acme cannot be used: KeyError: 'ACME_ID'")
