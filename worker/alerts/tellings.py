"""What each channel is still to be told: a row for each incident and channel, kept until told.

A row says up to where its channel knows the story, so that what grew stale meanwhile is told once,
as it is by then. All times are the caller's, who takes them from the database.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models.alerts import Incident, IncidentTelling
from db.session import transaction
from integrations.outbound import deadline
from settings import settings
from worker.alerts.channels import channels
from worker.alerts.shown import Shown, shown
from worker.alerts.words import Kind
from worker.ledger import sql

INCIDENTS = Incident.__table__.fullname  # type: ignore[attr-defined]  # as in worker/ledger.py
TABLE = IncidentTelling.__table__.fullname  # type: ignore[attr-defined]  # as in worker/ledger.py
_SPARE = 10  # seconds that a lease outlives the calls of a telling, of which there are two

_WANT = f"""
    INSERT INTO {TABLE} (incident_id, channel, retry_at)
    SELECT id, channel, :now FROM {INCIDENTS}, unnest(CAST(:channels AS text[])) AS one(channel)
    WHERE closed_at IS NULL ON CONFLICT DO NOTHING
"""  # noqa: S608  our own table


def want(session: Session, now: datetime) -> None:
    """Have every channel told of the open incidents."""
    session.execute(sql(_WANT), {"channels": [one.name for one in channels()], "now": now})


# what is only put into other words is told at most so often, and where a message can be changed
_DUE = f"""
    SELECT t.incident_id, t.channel FROM {TABLE} AS t JOIN {INCIDENTS} AS i ON i.id = t.incident_id
    WHERE t.channel = :channel AND t.retry_at <= :now AND (t.news < i.news
        OR t.message <> '' AND i.closed_at IS NULL AND i.changed_at > t.told_at
            AND t.told_at <= :now - make_interval(secs => :often))
"""  # noqa: S608  our own table

_LEASE = f"""
    WITH due AS MATERIALIZED ({_DUE}
        ORDER BY i.closed_at IS NOT NULL, t.told_at IS NOT NULL, t.incident_id
        LIMIT 1 FOR UPDATE OF t SKIP LOCKED)
    UPDATE {TABLE} AS kept SET attempts = attempts + 1,
        retry_at = :now + make_interval(secs => :lease)
    FROM due WHERE kept.incident_id = due.incident_id AND kept.channel = due.channel
    RETURNING kept.*
"""  # noqa: S608  our own table


@dataclass(frozen=True, slots=True)
class Telling:
    """What a channel is to be told now, and which message it has of the incident already."""

    kind: Kind
    incident: Shown
    news: int
    channel: str
    place: str
    message: str
    attempt: int


def time(session: Session) -> datetime:
    """Return the database's time."""
    found: datetime = session.execute(select(func.now())).scalar_one()
    return found


def due(names: Iterable[str], late: float = 0) -> bool:
    """Return whether any of the channels is to be told something, for so many seconds already."""
    with transaction() as session:
        keys = _keys(time(session) - timedelta(seconds=late))
        return any(session.execute(sql(_DUE), keys | {"channel": n}).first() for n in names)


def _keys(now: datetime) -> dict[str, Any]:
    often = settings().alerts.alert_update_seconds
    return {"now": now, "often": often, "lease": 2 * deadline() + _SPARE}


def lease(channel: str, now: datetime | None) -> Telling | None:
    """Return what the channel is to be told, ours alone for a while; None if there is nothing.

    The attempt is counted before it is made.
    """
    with transaction() as session:
        keys = _keys(now or time(session)) | {"channel": channel}
        kept = session.execute(sql(_LEASE), keys).first()
        if kept is None:
            return None
        incident = session.get_one(Incident, kept.incident_id)
        return Telling(
            kind=_kind(incident, kept),
            incident=shown(incident),
            news=incident.news,
            channel=channel,
            place=kept.place,
            message=kept.message,
            attempt=kept.attempts,
        )


def _kind(incident: Incident, kept: Any) -> Kind:
    over, unknown = incident.closed_at is not None, incident.alarms > kept.alarms
    if kept.told_at is None:
        return "passed" if over else "opened"
    if over:
        return "recovered"
    return "again" if unknown else "updated"


_SETTLE = f"""
    UPDATE {TABLE} SET news = :news, alarms = :alarms, told_at = :now, place = :place,
        message = :message, attempts = 0, retry_at = :now, error = NULL
    WHERE incident_id = :id AND channel = :channel AND attempts = :attempt
"""  # noqa: S608  our own table

_FAIL = f"""
    UPDATE {TABLE} SET error = :error, retry_at = :now + make_interval(secs => :wait),
        attempts = attempts - CASE WHEN :counts THEN 0 ELSE 1 END
    WHERE incident_id = :id AND channel = :channel AND attempts = :attempt
"""  # noqa: S608  our own table


def _of(telling: Telling) -> dict[str, Any]:
    return {
        "id": telling.incident.id,
        "channel": telling.channel,
        "attempt": telling.attempt,
    }


def told(telling: Telling, place: str, message: str, now: datetime | None) -> None:
    """Write that it was told, and where the message is."""
    keys = {"news": telling.news, "alarms": telling.incident.alarms}
    where = {"place": place, "message": message}
    with transaction() as session:
        at = {"now": now or time(session)}
        session.execute(sql(_SETTLE), _of(telling) | keys | where | at)


def failed(
    telling: Telling, error: str, wait: float, now: datetime | None, *, counts: bool
) -> None:
    """Write why it was not told; it is tried again after so many seconds."""
    keys = {"error": error, "wait": wait, "counts": counts}
    with transaction() as session:
        at = {"now": now or time(session)}
        session.execute(sql(_FAIL), _of(telling) | keys | at)
