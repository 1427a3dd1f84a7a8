"""What the events of an object tell of a row: their bodies once more, through the mirror."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row as Found
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models.events import EventRecord
from integrations.interface import Delivery, Event, Integration, Members, Row
from worker import statements
from worker.rows import content_hash
from worker.why.places import Place

MOST = 200
"""So many events of an object are looked at, the newest."""
ERASED = "erased"
"""The reason of an event whose body was erased, and the source of a row that was."""

E = EventRecord
_SHOWN = (
    *(E.event_id, E.type, E.status, E.occurred_at, E.received_at, E.settled_at),
    E.redriven_at,
    *(E.error, E.reason, E.endpoint, E.headers, E.body, E.archive_key),
)
Version = tuple[bool, int, int, str]


@dataclass(frozen=True, slots=True)
class Told:
    """What one event tells of a row.

    `version` is None where it tells no content of it, and so are `values` where the version has no
    such row (any more). `facts` stand beside the content, of each the greatest. `unread` says why
    nothing is known of what it tells.
    """

    record: Found[Any]
    version: Version | None = None
    values: Mapping[str, Any] | None = None
    facts: Mapping[str, Any] | None = None
    gone_at: datetime | None = None
    unread: str = ""

    @property
    def id(self) -> str:
        """Return the event's id."""
        return str(self.record.event_id)


def events(session: Session, place: Place) -> Sequence[Found[Any]]:
    """Return the newest events of an object, and the one that the row names, by their index."""
    named = place.row["last_event_id"]
    query = select(*_SHOWN).where(E.service == place.service.name)
    of = query.where(E.entity == place.about)
    if "account" in statements.key(place.owner):
        of = of.where(E.account == place.account)
    found = list(session.execute(of.order_by(E.received_at.desc()).limit(MOST)))
    if named and named not in {row.event_id for row in found}:
        found += session.execute(query.where(E.event_id == named))
    return found


def told(place: Place, record: Found[Any]) -> Told | None:
    """Return what an event tells of the row; None where it is about an object of another type."""
    if record.body is None:
        return Told(record, unread=_missing(record))
    event, parts = read(place.service, record)
    if event is None:
        return Told(record, unread="its body cannot be read")
    if event.snapshot.object_type != place.object_type:
        return None
    gone_at = event.snapshot.gone_at
    own = parts[0] if parts else None
    if not isinstance(own, Row) or isinstance(own.of, str):
        facts = {} if gone_at or not isinstance(own, Row) else dict(own.values)
        return Told(record, facts=facts, gone_at=gone_at)
    hashed, clock = content_hash(own.of.content), event.snapshot.clock
    # of the sets those stand that are whole; of the rows the newest
    whole = own.whole if place.member else True
    columns = dict(event.snapshot.columns)
    values = _values(place, own, parts)
    facts = {n: v for n, v in own.values.items() if n in statements.facts(place.owner)}
    told = None if values is None else {**columns, **values}
    return Told(record, (whole, clock, hashed, event.id), told, facts, gone_at)


def _values(place: Place, own: Row, parts: Sequence[Row | Members]) -> Mapping[str, Any] | None:
    if not place.member:
        return own.values
    mine = [p for p in parts if isinstance(p, Members) and p.model.__table__ is place.table]
    rows = [row for set in mine for row in set.rows if row.id == place.row["id"]]
    return rows[0].values if rows else None


def read(service: Integration, record: Any) -> tuple[Event | None, Sequence[Row | Members]]:
    """Return an event and the rows it would write; (None, []) where it cannot be read."""
    body, headers = bytes(record.body), record.headers or {}
    delivery = Delivery(service.name, record.endpoint, body, headers, record.received_at)
    try:
        event = service.read(service.safe(delivery))
        mirror = service.mirrors.get(event.snapshot.object_type)
        return event, mirror.project(event.snapshot) if mirror else []
    except Exception:  # noqa: BLE001  whatever a body does to us, the pipeline has judged it
        return None, []


def _missing(record: Any) -> str:
    if record.reason == ERASED:
        return "its body was erased"
    return "its body is in the archive" if record.archive_key else "its body is not kept any more"
