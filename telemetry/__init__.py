"""Structured logs, redaction, metrics, traces and Sentry, the same in every process."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Histogram

from settings import Telemetry, settings
from telemetry import logs, monitors, traces
from telemetry.logs import bound, log
from telemetry.redaction import REDACTED, cause, describe, redact

__all__ = [
    "RECEIVED",
    "RECEIVE_SECONDS",
    "REDACTED",
    "bound",
    "cause",
    "configure",
    "describe",
    "flush",
    "log",
    "monitors",
    "redact",
    "traces",
    "work",
]

RECEIVED = Counter(
    "tallyman_receiver_requests_total",
    "Webhook requests by service and outcome: accepted, fallen_back, unavailable or a reason code",
    ["service", "outcome"],
)
RECEIVE_SECONDS = Histogram(
    "tallyman_receive_seconds",
    "How long a webhook request took, from when it was there until it was answered",
    ["service"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


def configure() -> None:
    """Set up logs and, where they are wanted, Sentry and traces, for this process."""
    shape = settings().telemetry
    logs.configure(shape)
    # a second to import, for those who want them
    if shape.sentry_dsn.get_secret_value():
        from telemetry import sentry  # noqa: PLC0415

        sentry.start(shape)
    if shape.otel_exporter_otlp_endpoint:
        _start_otel(shape)


def _start_otel(shape: Telemetry) -> None:
    try:
        from telemetry import otel  # noqa: PLC0415  see configure
    except ImportError as error:  # no reason for a process not to work
        log(__name__).error("traces.unavailable", error=describe(error), needs="the extra otel")
        return
    otel.start(shape)


@contextmanager
def work(name: str, op: str, **about: object) -> Iterator[None]:
    """Have every line in this block say what it is about, and trace it by that name."""
    with bound(**about), traces.span(name, op, about):
        yield


def flush() -> None:
    """Send what this process has not sent: it is about to end."""
    for name in ("telemetry.sentry", "telemetry.otel"):
        if name in sys.modules:
            sys.modules[name].flush()
