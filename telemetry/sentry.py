"""Sentry: errors grouped by service and cause, the schedule's monitors, spans. Nothing personal.

Its own instrumentation of libraries is off: it tells URLs, queries and task arguments.
"""

import time
from collections.abc import Mapping
from typing import Any

import sentry_sdk
import structlog
from sentry_sdk.crons import capture_checkin
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.integrations.threading import ThreadingIntegration

from settings import Telemetry
from telemetry import monitors, traces
from telemetry.redaction import cause, first_line, scrub
from telemetry.sentry_spans import Spans

_AGAIN = 60  # seconds until a process reports the same trouble once more: it may come in thousands
_REMEMBERED = 1000
_UNWANTED = ("request", "extra", "user", "modules")
_ABOUT = ("service", "target", "event_id", "attempt", "task")
_MINUTE = 60
_OFF: Any = {"mode": "off"}
# all that its library would add of requests, people and values: its defaults are to send it
_NOTHING: Any = {
    "user_info": False,
    "cookies": _OFF,
    "http_headers": {"request": _OFF},
    "http_bodies": [],
    "url_query_params": _OFF,
    "graphql": {"document": False, "variables": False},
    "gen_ai": {"inputs": False, "outputs": False},
    "database_query_data": False,
    "queues": False,
    "stack_frame_variables": False,  # locals hold payloads and keys
}
_reported: dict[tuple[str, ...], float] = {}


def start(shape: Telemetry, transport: Any = None) -> None:
    """Begin to report."""
    rate = 0.0 if shape.otel_exporter_otlp_endpoint else shape.sentry_traces_sample_rate
    sentry_sdk.init(
        dsn=shape.sentry_dsn.get_secret_value(),
        transport=transport,
        data_collection=_NOTHING,
        before_send=before_send,
        before_send_transaction=_before_send_transaction,  # before_send does not see these
        before_breadcrumb=_before_breadcrumb,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=_integrations(),
        traces_sampler=_none_but_ours if rate else None,
        trace_propagation_targets=[],
        auto_session_tracking=False,
    )
    _reported.clear()
    if rate:
        traces.kept_by(Spans(rate))
    monitors.watched_by(None if shape.sentry_monitors == "none" else _check_in)


def _integrations() -> list[Any]:
    return [
        LoggingIntegration(),
        ExcepthookIntegration(),
        ThreadingIntegration(),
        DedupeIntegration(),
        AtexitIntegration(callback=lambda _pending, _timeout: None),
        # it cannot watch a beat that ticks more often than each minute: see telemetry/monitors.py
        CeleryIntegration(propagate_traces=False, monitor_beat_tasks=False),
    ]


def _none_but_ours(_context: Mapping[str, Any]) -> float:
    """Return 0: a span of ours does not ask, and a task a second would fill Sentry."""
    return 0.0


def before_send(event: Any, hint: Any) -> Any:
    """Return what is sent of an error, None where the same was reported a moment ago."""
    for name in _UNWANTED:
        event.pop(name, None)
    told, about = _told(hint), structlog.contextvars.get_contextvars()
    known = {**about, **told}
    for one in event.get("exception", {}).get("values", ()):
        one["value"] = first_line(str(one.get("value") or ""))  # behind it stand parameters
    if said := _title(told, known) if told else _foreign(hint):
        event["logentry"] = {"message": said}
    event["tags"] = {name: str(known[name]) for name in _ABOUT if known.get(name)}
    event["fingerprint"] = _fingerprint(event, told, known)
    return scrub(event) if _new(_identity(event)) else None


def _told(hint: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a log line of ours says; nothing of others'."""
    said = getattr(hint.get("log_record"), "msg", None)
    return said if isinstance(said, Mapping) else {}


def _foreign(hint: Mapping[str, Any]) -> str:
    """Return what a library's line says before its values are put in, '' where there is none."""
    record = hint.get("log_record")
    said = getattr(record, "msg", "")
    if isinstance(said, str):
        return said
    return f"{getattr(record, 'name', '')}: {type(said).__name__}"


def _title(told: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    parts = (_service(known), str(told.get("event", "")), str(told.get("error", "")))
    return ": ".join(part for part in parts if part)


def _service(known: Mapping[str, Any]) -> str:
    return str(known.get("service") or known.get("target") or "")


def _fingerprint(event: Any, told: Mapping[str, Any], known: Mapping[str, Any]) -> list[str]:
    """Return what tells troubles apart: service and cause, not the event that it befell."""
    if told and "exception" not in event:
        return [str(told.get("event", "")), _service(known), cause(str(told.get("error", "")))]
    return ["{{ default }}", _service(known)]


def _identity(event: Any) -> tuple[str, ...]:
    """Return by what the same trouble is known here: Sentry's own grouping is not."""
    raised = event.get("exception", {}).get("values", ())
    causes = [f"{one.get('type')}: {cause(one.get('value') or '')}" for one in raised]
    said = "" if raised else str(event.get("logentry", {}).get("message") or "")
    return (*event["fingerprint"], *causes, cause(said))


def _new(identity: tuple[str, ...]) -> bool:
    now = time.monotonic()
    if now - _reported.get(identity, -_AGAIN) < _AGAIN:
        return False
    if len(_reported) >= _REMEMBERED:
        _reported.clear()
    _reported[identity] = now
    return True


def _before_send_transaction(event: Any, _hint: Any) -> Any:
    for name in (*_UNWANTED, "breadcrumbs"):
        event.pop(name, None)
    return scrub(event)


def _before_breadcrumb(crumb: Any, hint: Any) -> Any:
    """Return a line of ours as it stands in the log; a library's without its values."""
    told = _told(hint)
    if told:
        crumb["message"], crumb["data"] = str(told.get("event", "")), scrub(_plain(told))
    elif "log_record" in hint:
        crumb["message"], crumb["data"] = _foreign(hint), {}
    return scrub(crumb)


def _plain(told: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in told.items() if k != "event" and not k.startswith("_")}


def _check_in(name: str, seconds: float) -> None:
    """Tell the monitor of that name, which its first sign makes. It knows whole minutes only."""
    minutes = max(1, round(seconds / _MINUTE))
    capture_checkin(
        monitor_slug=f"tallyman-{name.replace('.', '-').replace('_', '-')}",
        status="ok",
        monitor_config={
            "schedule": {"type": "interval", "value": minutes, "unit": "minute"},
            "checkin_margin": max(2, minutes // 2),
            "failure_issue_threshold": 2,
            "recovery_threshold": 1,
        },
    )


def flush() -> None:
    """Send what this process has not sent: it is about to end."""
    sentry_sdk.flush(timeout=2)
