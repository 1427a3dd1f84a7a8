"""A key of Loops, a user, and a Loops that answers what a test wants."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import responses

from settings import settings

BASE = "https://app.loops.so/api/v1"


@pytest.fixture
def key(monkeypatch):
    monkeypatch.setenv("LOOPS_API_KEY", "loops_key")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def loops(key, clean):
    """What Loops answers; every call that is not named fails the test."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def asked(loops):
    """Return method, path and body of the calls that were made."""

    def calls():
        return [
            (c.request.method, c.request.url.removeprefix(BASE), json.loads(c.request.body))
            for c in loops.calls
        ]

    return calls


@pytest.fixture
def user(clean):
    """Store a user as the mirror has it."""

    def store(id="user_1", **fields):
        from db.models.clerk import User
        from db.session import transaction

        known = {"data": {}, "clock": 1, "primary_email": "ada@example.org", "first_name": "Ada"}
        with transaction() as session:
            session.merge(User(id=id, **(known | fields)))

    return store


@pytest.fixture
def perform():
    """Perform an effect as `deliver` does: read, then send."""
    from db.session import transaction
    from integrations.effects import Sending
    from integrations.targets import TARGETS

    def run(target, action, **sending):
        one = TARGETS[target].actions[action]
        told = replace(Sending(key="key_1", occurred_at=datetime.now(UTC)), **sending)
        with transaction() as session:
            known = one.read(session, told)
        one.send(told, known)

    return run
