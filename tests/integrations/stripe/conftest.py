"""A key of Stripe, and a Stripe whose lists a test fills."""

import pytest
import responses

from settings import settings


@pytest.fixture
def key(monkeypatch):
    from integrations.stripe.client import client

    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_x")
    monkeypatch.setenv("CALL_LIMITS", "stripe=100000")
    settings.cache_clear()
    client.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()
    client.cache_clear()


@pytest.fixture
def stripe(key, clean):
    """What Stripe has; every call to what is not there fails the test."""
    from tests.integrations.stripe.lists import Lists

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Lists(mock)


@pytest.fixture
def listed():
    """Page through a collection from its beginning, or behind a cursor; return all snapshots."""
    from tests.integrations.stripe.lists import collection

    def walk(kind, *, account="", after=None):
        snapshots, pages = [], 0
        while True:
            page = collection(kind).list(account, after)
            snapshots += page.snapshots
            pages, after = pages + 1, page.after
            assert pages < 50
            if after is None:
                return snapshots

    return walk


@pytest.fixture
def fetched():
    from tests.integrations.stripe.lists import collection

    def ask(kind, id, account=""):
        return collection(kind).fetch(account, id)

    return ask
