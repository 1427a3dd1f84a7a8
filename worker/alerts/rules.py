"""When something is told, what belongs together, and when it is over: no clock, no database."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from db.models.alerts import STATES, Incident, IncidentReason
from settings import settings
from settings.alerts import NEVER

BLINK = 60.0
"""Seconds for which something may be gone without having passed: two looks."""
LATELY = timedelta(hours=1)
"""What comes back within that time is the same incident; what gets as bad again, no news."""
_LONGEST = 3600.0
_WHOLE = ("breaker_open", "call_failing", "waiting_old")
_DOUBLINGS = 10  # no need to count further: the longest is reached before


def rank(state: str) -> int:
    """Return how bad a state is."""
    return STATES.index(state)


def worst(reasons: Iterable[IncidentReason]) -> str:
    """Return the worst state among reasons; of none, the least."""
    return max((reason.state for reason in reasons), key=rank, default=STATES[0])


def down(state: str) -> bool:
    """Return whether nothing, or nothing right, comes of the service."""
    return state in {"failing", "silent"}


def present(reason: IncidentReason) -> bool:
    """Return whether it is so at this moment."""
    return reason.gone_at is None


def ripe(reason: IncidentReason, now: datetime) -> bool:
    """Return whether it has lasted for so long that no retry will mend it in time."""
    wait = settings().alerts.after(reason.code, down=down(reason.state))
    return (now - reason.first_seen_at).total_seconds() >= wait


def awaited(reason: IncidentReason, now: datetime) -> bool:
    """Return whether it will soon be told, and then says more than what is only degraded."""
    wait = settings().alerts.after(reason.code, down=True)
    return down(reason.state) and wait < NEVER and not ripe(reason, now)


def counts(reason: IncidentReason) -> bool:
    """Return whether it may be told of at all; else it is only shown, and keeps nothing open."""
    return settings().alerts.after(reason.code, down=down(reason.state)) < NEVER


def passed(reason: IncidentReason, now: datetime) -> bool:
    """Return whether what nobody was told of is gone."""
    return _gone_for(reason, now) >= BLINK


def over(reason: IncidentReason, incident: Incident, now: datetime) -> bool:
    """Return whether what was told is gone for so long that it may be called over.

    Twice as long after each return: what flickers alarms ever more seldom.
    """
    first = settings().alerts.alert_recovered_seconds
    longer: float = min(first * 2.0 ** min(incident.returns, _DOUBLINGS), _LONGEST)
    return _gone_for(reason, now) >= max(first, longer)


def _gone_for(reason: IncidentReason, now: datetime) -> float:
    return -1 if reason.gone_at is None else (now - reason.gone_at).total_seconds()


def takes(incident: Incident, reason: IncidentReason, now: datetime) -> bool:
    """Return whether a reason belongs to an open incident of its service.

    It does where the whole service is down, where both broke at about the same time, and where it
    was part of it before. Else it is told by itself: who was told of the one knows nothing of it.
    """
    age = (now - incident.opened_at).total_seconds()
    if age <= settings().alerts.alert_together_seconds:
        return True
    return any(
        whole(one) or (one.code, one.cause) == (reason.code, reason.cause)
        for one in incident.reasons
    )


def whole(reason: IncidentReason) -> bool:
    """Return whether all of the service is down for it, so that what else is wrong is no news."""
    everything = reason.code in _WHOLE or (reason.code, reason.cause) == ("silence", "")
    return everything and reason.status == "open" and down(reason.state)
