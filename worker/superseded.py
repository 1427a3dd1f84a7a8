"""What dead events are about, and which of them nobody needs any more: the row is newer already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from integrations import INTEGRATIONS
from integrations.interface import Delivery, Event, Integration, Members, Row, Snapshot
from integrations.oauth import revoke
from integrations.syncs import FETCH, LIST
from worker import statements
from worker.faults import ours
from worker.handlers import handler
from worker.pipeline import ignored
from worker.reactions import reacts
from worker.syncs import kept
from worker.syncs.kept import Kept

Parts = Sequence[Row | Members]
_LONGEST = 500  # characters


@dataclass(frozen=True, slots=True)
class Looked:
    """A dead event that was looked at. `entity` is what it is about, or the event itself.

    `reason` says by what it is superseded, None where it is not.
    """

    id: str
    entity: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """An event that could be read, and what it would write; no parts where nothing is mirrored."""

    letter: str
    event: Event
    parts: Parts

    @property
    def entity(self) -> str:
        told = self.event.snapshot
        id = kept.own(self.parts).id if self.parts else str(told.object.get("id") or self.letter)
        return _short(f"{self.event.account}/{told.object_type}/{id}")


def _short(entity: str) -> str:
    """Return what names an entity; an index takes no more, and events die of longer ids."""
    return entity if len(entity) <= _LONGEST else sha256(entity.encode()).hexdigest()


def look(session: Session, service: str, letters: Iterable[Any]) -> list[Looked]:
    """Return what each of a service's dead events is about, and whether it is superseded.

    One is that only its row would remember, and whose row tells of a newer version, or of the same
    one as a sync found it. Whatever a handler or a reaction waits for is not: it has not happened.
    """
    told = list(letters)
    try:
        with session.begin_nested():
            return _looked(session, INTEGRATIONS[service], told)
    except Exception as error:
        if ours(error):
            raise
    if len(told) == 1:  # unknown, and so not superseded: to try it again says what is wrong with it
        return [Looked(told[0].event_id, f"?{told[0].event_id}")]
    return [one for letter in told for one in look(session, service, [letter])]


def _looked(session: Session, integration: Integration, letters: Sequence[Any]) -> list[Looked]:
    found = {row.event_id: _read(integration, row) for row in letters}
    rows = _rows(session, [one for one in found.values() if one])
    return [
        Looked(id, one.entity, _reason(integration, one, rows)) if one else Looked(id, f"?{id}")
        for id, one in found.items()
    ]


def _read(integration: Integration, row: Any) -> _Read | None:
    """Return the event, None where it cannot be read: that is what it died of, or is archived."""
    if row.body is None:
        return None
    at = row.received_at
    delivery = Delivery(integration.name, row.endpoint, bytes(row.body), row.headers or {}, at)
    try:
        event = integration.read(integration.safe(delivery))
        mirror = integration.mirrors.get(event.snapshot.object_type)
        parts = mirror.project(event.snapshot) if mirror else []
    except Exception as error:  # whatever a body does to us, the retry path judges it
        if ours(error):
            raise
        return None
    return _Read(row.event_id, event, parts)


Rows = dict[tuple[str, str, str], Kept]


def _rows(session: Session, found: Sequence[_Read]) -> Rows:
    """Return the rows that stand for the events, by account, type of object and id."""
    groups: dict[tuple[str, str], list[tuple[Snapshot, Parts]]] = {}
    for one in found:
        if one.parts:
            group = one.event.account, one.event.snapshot.object_type
            groups.setdefault(group, []).append((one.event.snapshot, one.parts))
    return {
        (*group, id): row
        for group, projected in groups.items()
        for id, row in kept.read(session, projected).items()
    }


def _reason(integration: Integration, one: _Read, rows: Rows) -> str | None:
    event, parts = one.event, one.parts
    if not parts or _asks_for_more(event) or _tells_facts(event, parts):
        return None
    if ignored(integration, event):
        return None
    row = rows.get((event.account, event.snapshot.object_type, kept.own(parts).id))
    if row is None or not _newer(event.snapshot, kept.own(parts), row):
        return None
    by = "a sync" if row.values["source"] in {LIST, FETCH} else row.values["last_event_id"]
    return f"superseded: the row is as new already, by {by or 'a later event'}"


def _asks_for_more(event: Event) -> bool:
    """Return whether more is to be done about an event than to write its row."""
    return bool(handler(event)) or reacts(event) or revoke.ended(event) is not None


def _tells_facts(event: Event, parts: Parts) -> bool:
    """Return whether an event tells facts beside the content, which no newer content implies."""
    if event.snapshot.gone_at is not None:
        return False
    rows = [part for part in parts if isinstance(part, Row)]
    return isinstance(rows[0].of, str) or any(isinstance(r.of, str) and r.values for r in rows)


def _newer(told: Snapshot, own: Row, row: Kept) -> bool:
    """Return whether the row tells of what happened later, or of the very same from a sync."""
    if told.gone_at is not None:
        if row.deleted_at is not None:
            return row.deleted_at >= told.gone_at
        reused = statements.reused(own.model.__table__)
        return reused and row.clock > told.gone_at.timestamp() * 1000
    if row.clock != told.clock:
        return row.clock > told.clock
    settled = row.values["refetch_at"] is None
    return settled and row.values["source"] in {LIST, FETCH}
