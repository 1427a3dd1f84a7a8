"""Who is told: Slack, by messages that follow an incident, and Sentry, by events of one issue."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid4, uuid5

from integrations.schema import JSON
from integrations.sentry import events
from integrations.slack import messages
from integrations.slack.messages import Sent
from worker.alerts import slack, words
from worker.alerts.shown import Shown
from worker.alerts.words import Kind

TEST = "This is a test of Tallyman's alerts: nothing is wrong."
_LEVELS = {"failing": "error", "silent": "error", "degraded": "warning"}


@dataclass(frozen=True, slots=True)
class Channel:
    """Somebody who is told.

    `tell` returns where the message is, of the one there is already if there is one; `test` sends
    a marked message. Both raise Permanent, Transient, or Deferred.
    """

    name: str
    on: Callable[[], bool]
    tell: Callable[[Shown, Kind, Sent, int], Sent]
    test: Callable[[], None]


def _tell_sentry(incident: Shown, kind: Kind, sent: Sent, attempt: int) -> Sent:
    """Send an event of the incident's issue, that it is over too; not of mere other words."""
    if kind != "updated":
        events.send(_event(incident, kind), attempt=attempt)
    return sent


def _event(incident: Shown, kind: Kind) -> JSON:
    said = [words.title(incident), *words.lines(incident, str, lambda url, _: url)]
    over = incident.closed_at is not None
    return {
        "event_id": _event_id(incident, kind),
        "platform": "other",
        "logger": "tallyman.alerts",
        "level": "info" if over else _LEVELS[incident.state],
        "message": {"formatted": "\n".join(said)},
        "fingerprint": ["tallyman", incident.service, incident.code, incident.cause],
        "tags": {"service": incident.service, "code": incident.code, "state": incident.state},
    }


def _event_id(incident: Shown, kind: Kind) -> str:
    """Return the same for the same news, so that Sentry drops what is told twice."""
    opened = incident.opened_at.timestamp()
    return uuid5(NAMESPACE_URL, f"{incident.id} {opened} {incident.alarms} {kind}").hex


def _test_sentry() -> None:
    event = {
        "event_id": uuid4().hex,
        "platform": "other",
        "level": "info",
        "logger": "tallyman.alerts",
    }
    events.send(event | {"message": {"formatted": TEST}, "fingerprint": ["tallyman", "test"]})


CHANNELS = (
    Channel(
        "slack", on=lambda: bool(messages.way()), tell=slack.tell, test=lambda: slack.test(TEST)
    ),
    Channel("sentry", on=events.on, tell=_tell_sentry, test=_test_sentry),
)


def channels() -> list[Channel]:
    """Return those that are set up."""
    return [channel for channel in CHANNELS if channel.on()]
