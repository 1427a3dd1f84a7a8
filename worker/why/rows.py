"""Why one row is as it is."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db.models.effects import EffectRecord
from db.models.syncs import Drift, SyncRun
from db.session import transaction
from worker.syncs import drift
from worker.syncs.kept import Kept
from worker.why.columns import SYNCED, columns
from worker.why.model import Why
from worker.why.places import Place, find
from worker.why.steps import steps
from worker.why.told import ERASED, MOST, Told, events, told

_ROW = ("source", "last_event_id", "clock", "deleted_at", "refetch_at", "first_seen_at")
_LISTED = 100  # entries of drift, and effects
_D, _F, _R = Drift, EffectRecord, SyncRun


def row(table: str, id: str, account: str | None = None) -> Why:
    """Return why a row is as it is. Raises UnknownError, AmbiguousError.

    Everything is found by an index; at most the newest events of the object are read.
    """
    with transaction() as session:
        place = find(session, table, id, account)
        records = events(session, place)
        read = [one for record in records if (one := told(place, record)) is not None]
        return _why(session, place, read, more=len(records) >= MOST)


def _why(session: Session, place: Place, read: Sequence[Told], *, more: bool) -> Why:
    return Why(
        table=place.table.name,
        id=place.row["id"],
        account=place.account,
        row={name: place.row[name] for name in (*_ROW, "written_at")},
        written_by=_written_by(session, place),
        notes=list(_notes(place, read, more=more)),
        columns=columns(place, read, _edited(place)),
        events=steps(place, read),
        drift=_drift(session, place),
        effects=effects(session, place.service.name, [one.id for one in read]),
        parent=(place.owner.name, place.about) if place.member else None,
        more=more,
    )


def _edited(place: Place) -> frozenset[str]:
    if place.member:
        return frozenset()
    found = drift.edited(place.mirror, Kept(place.row, "", {}))
    mine = (place.table.name, place.row["id"])
    return frozenset(column for table, id, column in found if (table, id) == mine)


def _written_by(session: Session, place: Place) -> str:
    source, event_id = place.row["source"], place.row["last_event_id"]
    if source is None:
        return "nothing told it yet: it was only seen inside another object, and is to be fetched"
    if source == ERASED:
        return "a person asked to be forgotten: tallyman erase took the content out"
    if event_id:
        return f"the event {event_id}"
    run = _run(session, place)
    return f"{SYNCED.get(source, source)}{f': run {run[0]} ({run[1]})' if run else ''}"


def _run(session: Session, place: Place) -> Any:
    """Return (id, kind) of the run that was under way when a sync wrote the row, if one is kept."""
    at = place.row["written_at"]
    query = (
        select(_R.id, _R.kind)
        .where(_R.service == place.service.name, _R.name.in_([place.object_type, "refetch"]))
        .where(_R.started_at <= at, or_(_R.finished_at.is_(None), _R.finished_at >= at))
        .order_by(_R.started_at.desc())
        .limit(1)
    )
    return session.execute(query).first()


def _notes(place: Place, read: Sequence[Told], *, more: bool) -> Iterator[str]:
    row, parent = place.row, f"{place.owner.name} {place.about}"
    missing = sum(bool(one.unread) for one in read)
    said = {
        f"it is one of a set: the events are those of {parent}": place.member,
        "it is deleted there; the row stays, with its last content": row["deleted_at"],
        "it is to be fetched: two versions had the same clock, or a list was cut short": row[
            "refetch_at"
        ],
        f"{missing} of {len(read)} events cannot be read: what they told is not known": missing,
        "no event of it is known: those from before events had an entity are not found": not read,
        f"there are older events than the {MOST} that were looked at": more,
    }
    return (words for words, true in said.items() if true)


def _drift(session: Session, place: Place) -> list[Mapping[str, Any]]:
    """Return what reconciles found in the row, newest first; personal values are hashes there."""
    columns = [_D.run_id, _D.field, _D.cause, _D.here, _D.there, _D.found_at, _D.repaired_at]
    query = select(*columns).where(
        _D.service == place.service.name,
        _D.table_name == place.table.name,
        _D.row_id == place.row["id"],
        _D.account == place.account,
    )
    found = session.execute(query.order_by(_D.id.desc()).limit(_LISTED)).mappings()
    return [dict(one) for one in found]


def effects(session: Session, service: str, ids: Sequence[str]) -> list[Mapping[str, Any]]:
    """Return the effects of events, without what they say."""
    columns = [_F.id, _F.event_id, _F.target, _F.action, _F.status, _F.created_at, _F.settled_at]
    query = select(*columns, _F.first_sent_at, _F.retry_at, _F.error, _F.reason)
    mine = query.where(_F.service == service, _F.event_id.in_(ids))
    return [dict(one) for one in session.execute(mine.order_by(_F.id).limit(_LISTED)).mappings()]
