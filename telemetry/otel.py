"""Spans for OpenTelemetry: to OTEL_EXPORTER_OTLP_ENDPOINT, all else as its SDK has it in OTEL_*.

It needs the extra `otel`. A process' exporter is made with its first span: a thread of it would
not survive a fork. One that cannot be made is tried once, and then nothing is traced.
"""

import os
from functools import cache

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import NonRecordingSpan, SpanContext, Status, StatusCode, TraceFlags

from settings import Telemetry, environment
from telemetry import traces
from telemetry.logs import log
from telemetry.redaction import describe
from telemetry.traces import Attributes

_log = log(__name__)

_KINDS = {
    "http.server": trace.SpanKind.SERVER,
    "queue.process": trace.SpanKind.CONSUMER,
    "http.client": trace.SpanKind.CLIENT,
}


class _Span:
    def __init__(self, span: trace.Span) -> None:
        self._span = span

    @property
    def header(self) -> str:
        found = self._span.get_span_context()
        return f"00-{found.trace_id:032x}-{found.span_id:016x}-{found.trace_flags:02x}"

    def end(self, *, at: float | None = None, failed: bool = False) -> None:
        if failed:
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end(_nanoseconds(at))


def start(shape: Telemetry, exporter: SpanExporter | None = None) -> None:
    """Have spans go to the endpoint, or to this exporter."""
    given = {name: value for name, value in environment().items() if name.startswith("OTEL_")}
    os.environ.update(given)  # noqa: TID251  those of the env files: the SDK looks here only
    traces.kept_by(_Spans(shape.otel_exporter_otlp_endpoint, exporter))


@cache
def _provider(endpoint: str, exporter: SpanExporter | None, _process: int) -> trace.TracerProvider:
    try:
        return _made(endpoint, exporter)
    except Exception as error:  # noqa: BLE001  a variable of its SDK's may hold anything
        _log.error("traces.unavailable", error=describe(error))
        return trace.NoOpTracerProvider()


def _made(endpoint: str, exporter: SpanExporter | None) -> TracerProvider:
    given = os.environ.get("OTEL_SERVICE_NAME")  # noqa: TID251  see start
    provider = TracerProvider(resource=Resource.create({"service.name": given or "tallyman"}))
    to = exporter or OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(to))
    return provider


class _Spans:
    """Begins spans; which of them are kept is for OTEL_TRACES_SAMPLER to say."""

    def __init__(self, endpoint: str, exporter: SpanExporter | None) -> None:
        self._to = (endpoint, exporter)

    def provider(self) -> trace.TracerProvider:
        return _provider(*self._to, os.getpid())

    def __call__(
        self, name: str, op: str, parent: str, at: float | None, attributes: Attributes
    ) -> _Span | None:
        begun = (
            self.provider()
            .get_tracer("tallyman")
            .start_span(
                name,
                _context(parent),
                kind=_KINDS.get(op, trace.SpanKind.INTERNAL),
                attributes=attributes,
                start_time=_nanoseconds(at),
            )
        )
        return _Span(begun) if begun.is_recording() else None


def _context(parent: str) -> Context | None:
    if (found := traces.parts(parent)) is None:
        return None
    above, span, kept = found
    remote = SpanContext(
        int(above, 16), int(span, 16), is_remote=True, trace_flags=TraceFlags(kept)
    )
    return trace.set_span_in_context(NonRecordingSpan(remote), Context())


def _nanoseconds(at: float | None) -> int | None:
    return None if at is None else int(at * 1e9)


def flush() -> None:
    """Send what this process has not sent: it is about to end."""
    begin = traces.beginning()
    provider = begin.provider() if isinstance(begin, _Spans) else None
    if isinstance(provider, TracerProvider):
        provider.force_flush(2000)
