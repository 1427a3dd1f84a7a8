"""Find events in the ledger: by service, type, status, time and id."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, column, select, table

from db.base import SCHEMA
from db.models.events import EventRecord
from db.session import transaction
from integrations import INTEGRATIONS
from worker import bodies


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
    entity: str | None = None

    def conditions(self, of: Any = EventRecord) -> list[ColumnElement[bool]]:
        """Return the conditions, to be met all. `*` in a type stands for anything."""
        asked = {name: getattr(self, name) for name in _CONDITIONS}
        return [_CONDITIONS[name](of, value) for name, value in asked.items() if value is not None]


def _like(pattern: str) -> str:
    return pattern.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_").replace("*", "%")


_CONDITIONS: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "service": lambda of, value: of.service == value,
    "type": lambda of, value: of.type.like(_like(value)),
    "status": lambda of, value: of.status == value,
    "since": lambda of, value: of.received_at >= value,
    "until": lambda of, value: of.received_at < value,
    "id": lambda of, value: of.event_id.startswith(value, autoescape=True),
    "exact_id": lambda of, value: of.event_id == value,
    "error": lambda of, value: of.error.contains(value, autoescape=True),
    # with the services named: the index begins with them
    "entity": lambda of, value: and_(of.entity == value, of.service.in_(list(INTEGRATIONS))),
}


_SHOWN = (
    "service",
    "event_id",
    "endpoint",
    "account",
    "type",
    "entity",
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


_LISTED = (
    "kind",
    "service",
    "id",
    "type",
    "account",
    "attempts",
    "error",
    "received_at",
    "died_at",
    "redriven_at",
)
_DEAD = table("dead_letters", *map(column, _LISTED), schema=SCHEMA)


def dead_letters(which: Filter, limit: int) -> Sequence[Row[Any]]:
    """Return the newest dead letters that are meant, events and effects, as the view has them."""
    c = _DEAD.c
    named = SimpleNamespace(
        service=c.service, type=c.type, received_at=c.received_at, event_id=c.id, error=c.error
    )
    query = select(_DEAD).where(*which.conditions(named)).order_by(c.died_at.desc())
    with transaction() as session:
        return session.execute(query.limit(limit)).all()


def body(service: str, event_id: str) -> bytes | None:
    """Return the bytes of an event as they came, None where there are none (any more).

    Raises Transient, Permanent where they are archived, and cannot be got.
    """
    e = EventRecord
    columns = (e.body, e.archive_key, e.archive_offset, e.archive_length)
    query = select(*columns).where(e.service == service, e.event_id == event_id)
    with transaction() as session:
        found = session.execute(query).one_or_none()
    return None if found is None else bodies.of(found, service, event_id)
