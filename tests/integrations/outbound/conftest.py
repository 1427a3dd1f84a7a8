"""A sick service, a gate that knows nothing yet, and the log lines of its calls."""

import io
import json
import logging

import pytest

import telemetry
from settings import settings
from tests.integrations.outbound.sick import Sick


@pytest.fixture
def sick():
    service = Sick()
    yield service
    service.stop()


@pytest.fixture
def given(monkeypatch):
    """Settings by name."""

    def give(**values):
        for name, value in values.items():
            monkeypatch.setenv(name.upper(), str(value))
        settings.cache_clear()

    yield give
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture(autouse=True)
def fresh_gate(monkeypatch, given):
    from integrations.outbound.alone import Alone
    from integrations.outbound.keepers import KEEPERS
    from integrations.outbound.shared import redis

    for key in redis().scan_iter("tallyman:outbound:*", count=1000):
        redis().delete(key)
    monkeypatch.setattr(KEEPERS, "_alone", Alone())
    monkeypatch.setattr(KEEPERS, "_away_until", 0.0)
    given(
        call_connect_seconds=1, call_read_seconds=0.2, breaker_failures=3, call_limits="loops=1000"
    )


@pytest.fixture
def told():
    """Return the log lines so far, as the log of production has them."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    telemetry.configure()
    (handler,) = root.handlers
    written = handler.stream = io.StringIO()  # type: ignore[attr-defined]

    def read(event="call"):
        lines = [json.loads(line) for line in written.getvalue().splitlines()]
        return [line for line in lines if line["event"] == event]

    yield read
    root.handlers, root.level = before, level
