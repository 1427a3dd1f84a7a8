"""Incidents as people see them: in messages, in the command, in the console."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from db.models.alerts import Incident, IncidentReason, IncidentTelling
from db.session import transaction
from worker.alerts.rules import rank


@dataclass(frozen=True, slots=True)
class ShownReason:
    """Why. `gone_at` is since when it is not so any more; None says that it is."""

    code: str
    cause: str
    state: str
    words: str
    since: datetime
    gone_at: datetime | None
    look: str
    mend: str
    page: str


@dataclass(frozen=True, slots=True)
class ShownTelling:
    """What a channel knows. `up_to_date` says whether it was told all; `error`, why not."""

    channel: str
    told_at: datetime | None
    up_to_date: bool
    attempts: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """An incident, the worst of its reasons first; it is over if there is a `closed_at`."""

    id: int
    service: str
    code: str
    cause: str
    state: str
    opened_at: datetime
    closed_at: datetime | None
    alarms: int
    returns: int
    reasons: tuple[ShownReason, ...]
    told: tuple[ShownTelling, ...] = ()


def shown(incident: Incident, told: Iterable[IncidentTelling] = ()) -> Shown:
    """Return an incident as people see it."""
    reasons = sorted(incident.reasons, key=lambda one: (bool(one.gone_at), -rank(one.state)))
    return Shown(
        id=incident.id,
        service=incident.service,
        code=incident.code,
        cause=incident.cause,
        state=incident.state,
        opened_at=incident.opened_at,
        closed_at=incident.closed_at,
        alarms=incident.alarms,
        returns=incident.returns,
        reasons=tuple(_reason(one) for one in reasons),
        told=tuple(_telling(incident, one) for one in told),
    )


def _reason(kept: IncidentReason) -> ShownReason:
    return ShownReason(
        code=kept.code,
        cause=kept.cause,
        state=kept.state,
        words=kept.words,
        since=kept.since or kept.first_seen_at,
        gone_at=kept.gone_at,
        look=kept.look,
        mend=kept.mend,
        page=kept.page,
    )


def _telling(incident: Incident, kept: IncidentTelling) -> ShownTelling:
    return ShownTelling(
        channel=kept.channel,
        told_at=kept.told_at,
        up_to_date=kept.news >= incident.news,
        attempts=kept.attempts,
        error=kept.error,
    )


def latest(limit: int = 50, *, over: bool = False) -> list[Shown]:
    """Return the open incidents, and those that are `over` too if asked, the newest first."""
    query = select(Incident).order_by(Incident.closed_at.is_not(None), Incident.id.desc())
    if not over:
        query = query.where(Incident.closed_at.is_(None))
    with transaction() as session:
        found = session.scalars(query.limit(limit).options(selectinload(Incident.reasons))).all()
        t = IncidentTelling
        known = session.scalars(
            select(t).where(t.incident_id.in_([i.id for i in found])).order_by(t.channel)
        ).all()
        return [shown(i, [one for one in known if one.incident_id == i.id]) for i in found]
