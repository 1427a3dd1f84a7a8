"""Bring every channel up to date with the incidents. What fails waits for its next attempt."""

import time
from collections import Counter
from datetime import datetime

from integrations.errors import Blocked, Deferred, Permanent, Transient
from integrations.slack.messages import Sent
from settings import settings
from telemetry import describe, log
from worker.alerts import tellings
from worker.alerts.channels import Channel, channels
from worker.alerts.tellings import Telling
from worker.faults import ours
from worker.retry import RetryPolicy
from worker.slots import slot

# never given up: who is told late still has to know. Soon after the channel is well again
_POLICY = RetryPolicy(attempts=2**31, first=5, longest=300)
_HELD_LONGEST = 3600.0  # as Blocked may say, after a Retry-After
_log = log(__name__)


def tell(now: datetime | None = None) -> str:
    """Tell what is due, for a slice of time; return how many were told and failed.

    `now` is the database's time if not given.
    """
    with slot("alerts") as mine:
        if not mine:
            return "busy"
        counts: Counter[str] = Counter()
        end = time.monotonic() + settings().inbox.time_slice_seconds
        for channel in channels():
            _tell_all(channel, now, end, counts)
    return " ".join(f"{name}={count}" for name, count in sorted(counts.items())) or "nothing due"


def _tell_all(channel: Channel, now: datetime | None, end: float, counts: Counter[str]) -> None:
    while time.monotonic() < end and (telling := tellings.lease(channel.name, now)):
        outcome = _attempt(channel, telling, now)
        counts[outcome] += 1
        if outcome in {"failed", "deferred"}:  # the others would fare no better
            return


def _attempt(channel: Channel, telling: Telling, now: datetime | None) -> str:
    before = Sent(telling.place, telling.message)
    try:
        sent = channel.tell(telling.incident, telling.kind, before, telling.attempt)
    except Exception as error:
        if ours(error):
            raise
        return _failed(telling, error, now)
    tellings.told(telling, sent.channel, sent.message, now)
    _log.info("alert.told", channel=channel.name, incident=telling.incident.id, kind=telling.kind)
    return "told"


def _failed(telling: Telling, error: Exception, now: datetime | None) -> str:
    deferred = isinstance(error, Deferred)
    wait = min(error.wait, _HELD_LONGEST) if isinstance(error, Deferred) else _wait(telling, error)
    tellings.failed(telling, describe(error), wait, now, counts=not deferred)
    tell = _log.info if isinstance(error, Blocked) else _log.warning
    tell("alert.untold", channel=telling.channel, error=describe(error))
    if isinstance(error, Permanent):
        return "refused"
    return "deferred" if deferred else "failed"


def _wait(telling: Telling, error: Exception) -> float:
    asked = error.retry_after if isinstance(error, Transient) else None
    return _POLICY.wait(telling.attempt, asked) or _POLICY.longest
