"""One trace from the POST to the commit, for Sentry and for OpenTelemetry."""

import json

import pytest
from prometheus_client import REGISTRY

from settings import settings
from telemetry import traces
from tests import captured
from tests.receiver.deliveries import kept_in_redis, stripe_body
from tests.worker.stories import drained

PRIVATE = "ada@example.org"


def _private(id):
    return stripe_body(id).replace(b"cus_1", b"cus_1-" + PRIVATE.encode())


@pytest.fixture
def sentry(clean):
    with captured.sentry(sentry_traces_sample_rate=1.0) as envelopes:
        yield envelopes


def test_the_commit_is_in_the_trace_of_the_post(sentry, post):
    post(body=_private("evt_1"))
    post(body=stripe_body("evt_2"))
    drained()
    received, again, applied, applied_again = sentry.of("transaction")
    assert [one["transaction"] for one in (received, applied)] == ["receive stripe", "apply stripe"]
    above, below = received["contexts"]["trace"], applied["contexts"]["trace"]
    assert below["trace_id"] == above["trace_id"]
    assert below["parent_span_id"] == above["span_id"]
    assert (above["op"], below["op"]) == ("http.server", "queue.process")
    assert received["timestamp"] <= applied["start_timestamp"] <= applied["timestamp"]
    assert below["data"]["messaging.message.receive.latency"] >= 0
    traced = {one["contexts"]["trace"]["trace_id"] for one in (again, applied_again)}
    assert len(traced) == 1
    assert traced != {above["trace_id"]}


def test_a_span_tells_no_body_no_header_and_no_address(sentry, post):
    post(body=_private("evt_1"))
    drained()
    assert PRIVATE not in sentry.text()
    assert "Stripe-Signature" not in sentry.text()
    for item in sentry.of("transaction"):
        assert not {"request", "extra", "user", "breadcrumbs"} & item.keys()


def test_a_batch_that_breaks_ends_its_traces_as_failed(sentry, post, monkeypatch):
    def broken(*_):
        raise ConnectionError

    post(body=stripe_body("evt_1"))
    monkeypatch.setattr("worker.drain.apply", broken)
    with pytest.raises(ConnectionError):
        drained()
    assert sentry.of("transaction")[-1]["contexts"]["trace"]["status"] == "internal_error"


def test_what_is_not_sampled_is_traced_nowhere(clean, post):
    with captured.sentry(sentry_traces_sample_rate=1e-12) as sentry:
        post(body=stripe_body("evt_1"))
        assert _kept() == [None]
        drained()
        assert sentry.items == []


def test_without_tracing_nothing_more_is_kept_of_a_delivery(post):
    post(body=stripe_body("evt_1"))
    assert _kept() == [None]


def _kept():
    return [fields.get(b"trace") for fields in kept_in_redis()]


def test_a_request_that_cannot_be_read_or_breaks_is_traced_and_timed(sentry, post, monkeypatch):
    before = _timed()
    assert post(body=b"x" * (settings().receiver.max_body_bytes + 1)).status_code == 413
    monkeypatch.setattr("receiver.app.keep", _raise)
    assert post().status_code == 500
    too_large, broken = sentry.of("transaction")
    assert too_large["contexts"]["trace"]["status"] == "ok"
    assert broken["contexts"]["trace"]["status"] == "internal_error"
    assert _timed() == before + 2


def _timed():
    found = {"service": "stripe"}
    return REGISTRY.get_sample_value("tallyman_receive_seconds_count", found) or 0


def _raise(*_, **__):
    raise ZeroDivisionError


@pytest.fixture
def exported(clean, monkeypatch):
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from telemetry import otel

    spans = InMemorySpanExporter()
    otel.start(settings().telemetry, spans)

    def read():
        otel.flush()
        return spans.get_finished_spans()

    yield read
    otel.flush()
    traces.kept_by(None)


def test_opentelemetry_has_the_same_trace(exported, post):
    post(body=_private("evt_1"))
    drained()
    received, applied = exported()
    assert (received.name, applied.name) == ("receive stripe", "apply stripe")
    assert applied.context.trace_id == received.context.trace_id
    assert applied.parent.span_id == received.context.span_id
    assert received.end_time <= applied.start_time <= applied.end_time
    assert applied.resource.attributes["service.name"] == "tallyman"
    assert PRIVATE not in json.dumps([span.to_json() for span in (received, applied)])


@pytest.mark.parametrize(
    "header", ["", "x", "00-1-2-01", "01-" + "a" * 32 + "-" + "b" * 16 + "-01", "00-a-b-c-d"]
)
def test_what_is_no_traceparent_is_none(header):
    assert traces.parts(header) is None
