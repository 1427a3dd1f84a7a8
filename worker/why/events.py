"""What became of one event: when, which rows it wrote and which of these still show it, effects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from db.models.events import EventRecord
from db.session import transaction
from integrations import INTEGRATIONS
from integrations.interface import Event, Members, Row
from worker import statements
from worker.rows import content_hash
from worker.why.columns import SYNCED
from worker.why.rows import effects
from worker.why.told import ERASED, read

E = EventRecord


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened to an event or to its effects."""

    at: datetime
    what: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Wrote:
    """One row that an event tells of.

    `state` is stands, overwritten, older (it was when it came), deleted, beside (facts) or gone;
    `by` is the event whose content the row shows now, or the kind of sync.
    """

    table: str
    id: str
    state: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """What became of an event. `unread` says why the rows are not known, '' where they are."""

    service: str
    event_id: str
    timeline: Sequence[Moment]
    rows: Sequence[Wrote]
    effects: Sequence[Mapping[str, Any]]
    unread: str = ""


def event(service: str, event_id: str) -> Story | None:
    """Return what became of an event, None where there is none of that id."""
    with transaction() as session:
        record = session.scalars(
            select(E).where(E.service == service, E.event_id == event_id)
        ).one_or_none()
        if record is None:
            return None
        caused = effects(session, service, [event_id])
        wrote, unread = _rows(session, record)
        timeline = sorted([*_own(record), *_theirs(caused)], key=lambda moment: moment.at)
        return Story(service, event_id, timeline, wrote, caused, unread)


def _own(record: EventRecord) -> Iterator[Moment]:
    if record.occurred_at:
        yield Moment(record.occurred_at, "happened", "as the service says")
    yield Moment(record.received_at, "received")
    if record.redriven_at:
        yield Moment(record.redriven_at, "redriven", "or replayed, by hand")
    tried = f"after {record.attempts} attempt{'' if record.attempts == 1 else 's'}"
    said = record.error or record.reason or ""
    if record.settled_at:
        yield Moment(record.settled_at, record.status, f"{tried}{f': {said}' if said else ''}")
    elif record.retry_at:
        yield Moment(record.retry_at, "next attempt", f"{tried}{f': {said}' if said else ''}")


def _theirs(caused: Sequence[Mapping[str, Any]]) -> Iterator[Moment]:
    for effect in caused:
        name = f"effect {effect['id']}: {effect['target']} {effect['action']}"
        yield Moment(effect["created_at"], name, "asked for")
        if effect["first_sent_at"]:
            yield Moment(effect["first_sent_at"], name, "first attempt that may have got through")
        if effect["settled_at"]:
            words = effect["error"] or effect["reason"] or ""
            yield Moment(effect["settled_at"], name, f"{effect['status']} {words}".strip())


def _rows(session: Session, record: EventRecord) -> tuple[list[Wrote], str]:
    if record.status != "handled":
        return [], ""
    if record.body is None:
        erased = record.reason == ERASED
        why = (
            "in the archive" if record.archive_key else "erased" if erased else "not kept any more"
        )
        return [], f"its body is {why}: which rows it wrote is not known"
    event, parts = read(INTEGRATIONS[record.service], record)
    if event is None:
        return [], "its body cannot be read any more: which rows it wrote is not known"
    found = [_wrote(session, event, row) for row in _told(parts)]
    return [one for one in found if one], ""


def _told(parts: Sequence[Row | Members]) -> Iterator[tuple[Row, Members | None]]:
    """Yield the rows that are told: no placeholders, but the object's own, whatever is told."""
    for n, part in enumerate(parts):
        if isinstance(part, Members):
            yield from ((row, part) for row in part.rows)
        elif n == 0 or part.values or not isinstance(part.of, str):
            yield part, None


def _wrote(session: Session, event: Event, told: tuple[Row, Members | None]) -> Wrote | None:
    row, of = told
    table: Table = row.model.__table__
    known: dict[str, Any] = {**event.snapshot.columns, "id": row.id}
    known |= {of.column: of.parent} if of else {}
    same = [table.c[name] == known[name] for name in statements.key(table)]
    found = session.execute(select(*table.columns).where(*same)).mappings().one_or_none()
    kept = dict(found) if found else None
    return Wrote(table.name, row.id, *_state(event, row, kept))


def _state(event: Event, row: Row, found: Mapping[str, Any] | None) -> tuple[str, str]:
    if found is None:
        return "gone", ""
    by = found["last_event_id"] or SYNCED.get(found["source"] or "", found["source"] or "")
    if event.snapshot.gone_at is not None:
        return ("deleted" if found["deleted_at"] == event.snapshot.gone_at else "overwritten"), by
    if found["last_event_id"] == event.id:
        return "stands", event.id
    if isinstance(row.of, str):
        return "beside", by
    mine = (event.snapshot.clock, content_hash(row.of.content))
    return ("overwritten" if mine <= (found["clock"], found["content_hash"]) else "older"), by
