"""A Clerk to be asked.

This file is read before the stores run, so it imports what reads the settings only when it is used.
"""

import secrets

import httpx
import pytest

from settings import settings
from tests.clerk_api import FakeClerk


@pytest.fixture
def clerk(clean, monkeypatch):
    """The key of a Clerk is set that has nothing yet."""
    from integrations.clerk import client
    from integrations.outbound import transport

    fake = FakeClerk()
    monkeypatch.setenv("CLERK_SECRET_KEY", "sk_live_" + secrets.token_hex(8))
    monkeypatch.setattr(
        client,
        "transport",
        lambda service, fine: transport(service, httpx.MockTransport(fake), fine),
    )
    settings.cache_clear()
    client.client.cache_clear()
    yield fake
    monkeypatch.undo()
    settings.cache_clear()
    client.client.cache_clear()
