"""Find events in the ledger: by service, type, status, time and id."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from db.models.events import EventRecord
from db.session import transaction


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events are meant; what is left out does not restrict. `id` is how an id begins."""

    service: str | None = None
    type: str | None = None
    status: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    id: str | None = None
    exact_id: str | None = None
    error: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions, to be met all. `*` in a type stands for anything."""
        asked = {name: getattr(self, name) for name in _CONDITIONS}
        return [_CONDITIONS[name](value) for name, value in asked.items() if value is not None]


def _like(pattern: str) -> str:
    return pattern.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_").replace("*", "%")


_CONDITIONS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "service": lambda value: EventRecord.service == value,
    "type": lambda value: EventRecord.type.like(_like(value)),
    "status": lambda value: EventRecord.status == value,
    "since": lambda value: EventRecord.received_at >= value,
    "until": lambda value: EventRecord.received_at < value,
    "id": lambda value: EventRecord.event_id.startswith(value, autoescape=True),
    "exact_id": lambda value: EventRecord.event_id == value,
    "error": lambda value: EventRecord.error.contains(value, autoescape=True),
}


_SHOWN = (
    "service",
    "event_id",
    "endpoint",
    "account",
    "type",
    "status",
    "attempts",
    "retry_at",
    "occurred_at",
    "received_at",
    "settled_at",
    "redriven_at",
    "error",
    "reason",
)


def events(which: Filter, limit: int) -> Sequence[Row[Any]]:
    """Return the newest events that are meant, without their bodies."""
    columns = [getattr(EventRecord, name) for name in _SHOWN]
    query = select(*columns).where(*which.conditions()).order_by(EventRecord.received_at.desc())
    with transaction() as session:
        return session.execute(query.limit(limit)).all()


def body(service: str, event_id: str) -> bytes | None:
    """Return the bytes of an event as they came, None where there are none (any more)."""
    query = select(EventRecord.body).where(
        EventRecord.service == service, EventRecord.event_id == event_id
    )
    with transaction() as session:
        return session.execute(query).scalar_one_or_none()
