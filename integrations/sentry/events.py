"""Events for Sentry, sent so that it is known whether they arrived.

Its library sends from a thread of its own and keeps to itself what became of that. Form:
develop.sentry.dev/sdk/data-model/envelopes and /sdk/overview (the DSN and the header).
"""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from integrations import outbound
from integrations.errors import Permanent
from integrations.schema import JSON
from settings import settings


@dataclass(frozen=True, slots=True)
class _Project:
    envelopes: str
    key: str


def on() -> bool:
    """Return whether there is a DSN."""
    return bool(settings().telemetry.sentry_dsn.get_secret_value())


def send(event: JSON, *, attempt: int = 1) -> None:
    """Send an event. One with the same `event_id` counts once there.

    Raises Permanent, Transient, or Deferred.
    """
    project = _project(settings().telemetry.sentry_dsn.get_secret_value())
    parts = ({"event_id": event["event_id"]}, {"type": "event"}, event)
    outbound.request(
        "sentry",
        "envelope",
        "POST",
        project.envelopes,
        headers={
            "Content-Type": "application/x-sentry-envelope",
            "X-Sentry-Auth": f"Sentry sentry_version=7, sentry_client=tallyman, "
            f"sentry_key={project.key}",
        },
        content="\n".join(json.dumps(part) for part in parts).encode(),
        attempt=attempt,
        path="SENTRY_DSN",
    )


def _project(dsn: str) -> _Project:
    """Return what a DSN says: https://<key>@<host>/<path><project>. Raises Permanent."""
    parts = urlsplit(dsn)
    before, _, project = parts.path.rpartition("/")
    if not (parts.username and parts.hostname and project):
        raise Permanent("SENTRY_DSN is none: https://<key>@<host>/<project>")
    host = parts.netloc.rpartition("@")[2]
    return _Project(f"{parts.scheme}://{host}{before}/api/{project}/envelope/", parts.username)
