"""What traces are told to may fail: that costs traces, and nothing else."""

import io
import logging
import sys

import pytest

import telemetry
from settings import settings
from telemetry import traces
from tests.receiver.deliveries import kept_in_redis, stripe_body
from tests.worker.stories import drained

TRACE = f"00-{'a' * 32}-{'b' * 16}-01"


def _raise(*_, **__):
    raise ZeroDivisionError


class _Sick:
    """A span that cannot be ended, or one that does not even know its name."""

    def __init__(self, *, named):
        self._named = named

    @property
    def header(self):
        return TRACE if self._named else _raise()

    def end(self, **_):
        _raise()


@pytest.fixture
def logged(client):
    """Log as production does, and give what was logged."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    telemetry.configure()
    (handler,) = root.handlers
    written = handler.stream = io.StringIO()  # type: ignore[attr-defined]
    yield written.getvalue
    root.handlers, root.level = before, level
    traces.kept_by(None)


@pytest.mark.parametrize(
    ("begin", "kept"),
    [
        (_raise, None),
        (lambda *_: _Sick(named=False), None),
        (lambda *_: _Sick(named=True), TRACE.encode()),
    ],
)
def test_an_exporter_that_raises_costs_no_delivery_and_is_told_once(logged, post, sql, begin, kept):
    traces.kept_by(begin)
    for id in ("evt_1", "evt_2"):
        assert post(body=stripe_body(id)).status_code == 202
    assert [fields.get(b"trace") for fields in kept_in_redis()] == [kept, kept]
    drained()
    assert kept_in_redis() == []
    assert sql.execute("SELECT DISTINCT status FROM events").fetchall() == [("handled",)]
    assert logged().count("traces.failed") == 1


def test_without_the_extra_a_process_starts_untraced_and_says_so(
    logged, setting, monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, "telemetry.otel", None)
    monkeypatch.delattr(telemetry, "otel", raising=False)
    setting("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    telemetry.configure()
    assert traces.beginning() is None
    assert "the extra otel" in capsys.readouterr().err


def test_a_setting_that_opentelemetry_cannot_use_costs_no_delivery(logged, post, monkeypatch):
    from telemetry import otel

    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "-1")
    otel._provider.cache_clear()
    otel.start(settings().telemetry)
    assert [post(body=stripe_body(id)).status_code for id in ("evt_1", "evt_2")] == [202, 202]
    otel.flush()
    otel._provider.cache_clear()
    assert logged().count("traces.unavailable") == 1
