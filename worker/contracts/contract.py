"""Learn the shapes of what a service tells, from a sample of the ledger, and report what changed.

Nothing of it is in the way of an event: it reads bodies that came in since it last looked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from db.session import transaction
from integrations import INTEGRATIONS
from integrations.errors import Unreadable
from integrations.interface import Delivery, Event, Integration
from integrations.schema import JSON
from worker.arrays import array
from worker.contracts import changes, shapes
from worker.contracts.changes import SHAPES
from worker.contracts.shapes import Field, Fields
from worker.ledger import TABLE, sql
from worker.syncs.runs import CURSORS

EVENTS, OF_A_TYPE, BODIES = 2000, 20, 500
"""How many events are looked at in one run, and how many bodies of a type, and of all."""
BYTES = 262_144
"""A longer body is left out."""
_EVER = datetime.fromtimestamp(0, UTC)

# who has the row is at it; the others let it be
_PLACE = f"""
    INSERT INTO {CURSORS} (service, name, kind) VALUES (:service, 'contract', 'contract')
    ON CONFLICT DO NOTHING
"""  # noqa: S608  our own table
_SINCE = f"""
    SELECT complete_until FROM {CURSORS} WHERE service = :service AND name = 'contract'
    FOR UPDATE SKIP LOCKED
"""  # noqa: S608  our own table
_UNTIL = f"""
    UPDATE {CURSORS} SET complete_until = :until, written_at = now()
    WHERE service = :service AND name = 'contract'
"""  # noqa: S608  our own table

_SAMPLE = f"""
    WITH newest AS MATERIALIZED (
        SELECT event_id, type, received_at FROM {TABLE}
        WHERE service = :service AND received_at > CAST(:since AS timestamptz)
        ORDER BY received_at DESC LIMIT :events),
    numbered AS (
        SELECT event_id, max(received_at) OVER () AS until, row_number() OVER (
            PARTITION BY type ORDER BY received_at DESC, event_id) AS number
        FROM newest WHERE type IS NOT NULL)
    SELECT endpoint, received_at, headers, body, until
    FROM numbered JOIN {TABLE} AS kept USING (event_id)
    WHERE service = :service AND number <= :each AND octet_length(body) <= :bytes
    ORDER BY number, received_at LIMIT :bodies
"""  # noqa: S608  our own table

_KNOWN = f"""
    SELECT of, path, types, seen, missed, change, reported_at IS NOT NULL AS reported
    FROM {SHAPES} WHERE service = :service AND of = ANY(CAST(:of AS text[]))
"""  # noqa: S608  our own table

_WRITE = f"""
    INSERT INTO {SHAPES} AS kept (service, of, path, types, seen, missed, change, reported_at)
    SELECT :service, of, path, string_to_array(types, ' '), seen, missed, nullif(change, ''),
        CASE WHEN reported THEN now() END
    FROM unnest(CAST(:of AS text[]), CAST(:path AS text[]), CAST(:types AS text[]),
        CAST(:seen AS bigint[]), CAST(:missed AS bigint[]), CAST(:change AS text[]),
        CAST(:reported AS boolean[]))
        AS given(of, path, types, seen, missed, change, reported)
    ORDER BY of, path
    ON CONFLICT (service, of, path) DO UPDATE SET types = excluded.types, seen = excluded.seen,
        missed = excluded.missed, change = excluded.change,
        reported_at = coalesce(excluded.reported_at, kept.reported_at),
        last_seen_at = CASE WHEN excluded.missed = 0 THEN now() ELSE kept.last_seen_at END
"""  # noqa: S608  our own table


def learn(name: str) -> str:
    """Learn from what a service told since the last time; return how many bodies, and changes."""
    with transaction() as session:
        found = _sample(session, name)
        told = list(_told(INTEGRATIONS[name], found))
        known = _known(session, name, {of for of, _ in told})
        changed = [(of, one) for of, value in told for one in _learned(known[of], value)]
        _write(session, name, known, {(of, one.path) for of, one in changed})
    for of, one in changed:
        changes.report(name, of, one.path, one.change, sorted(one.types))
    return f"bodies={len(found)} changes={len(changed)}"


def _sample(session: Session, service: str) -> Sequence[Row[Any]]:
    """Return the newest events, oldest first, and move on; none where somebody else is at it."""
    keys: dict[str, Any] = {"service": service}
    session.execute(sql(_PLACE), keys)
    place = session.execute(sql(_SINCE), keys).first()
    if place is None:
        return []
    bounds = {"events": EVENTS, "each": OF_A_TYPE, "bodies": BODIES, "bytes": BYTES}
    found = session.execute(
        sql(_SAMPLE), keys | bounds | {"since": place.complete_until or _EVER}
    ).all()
    if found:
        session.execute(sql(_UNTIL), keys | {"until": found[0].until})
    return sorted(found, key=_received)


def _received(row: Row[Any]) -> datetime:
    at: datetime = row.received_at
    return at


def _told(service: Integration, found: Iterable[Row[Any]]) -> Iterator[tuple[str, JSON]]:
    """Yield the objects, and what is around them, each with its type."""
    for row in found:
        delivery = Delivery(
            service.name, row.endpoint, bytes(row.body), row.headers or {}, row.received_at
        )
        try:
            event = service.read(delivery)
        except (Unreadable, RecursionError):
            continue
        yield from _parts(service, event)


def _parts(service: Integration, event: Event) -> Iterator[tuple[str, JSON]]:
    """Yield an object of ours by its own type: many events tell of it. What was deleted is less."""
    snapshot = event.snapshot
    if snapshot.object_type in service.mirrors and snapshot.gone_at is None:
        yield snapshot.object_type, snapshot.object
        yield event.type, _around(event.payload, snapshot.object)
    else:
        yield event.type, event.payload


def _around(payload: JSON, object: JSON) -> JSON:
    return {
        name: {} if one == object else _around(one, object) if isinstance(one, dict) else one
        for name, one in payload.items()
    }


def _known(session: Session, service: str, types: set[str]) -> Mapping[str, Fields]:
    known: dict[str, Fields] = {of: {} for of in types}
    for row in session.execute(sql(_KNOWN), {"service": service, "of": array(sorted(types))}):
        one = Field(row.path, set(row.types), row.seen, row.missed, row.change, row.reported)
        known[row.of][row.path] = one
    return known


def _learned(known: Fields, value: JSON) -> Iterator[Field]:
    return shapes.learn(known, shapes.shape(value))


def _write(
    session: Session, service: str, known: Mapping[str, Fields], changed: set[tuple[str, str]]
) -> None:
    rows = [(of, one) for of, fields in known.items() for one in fields.values()]
    if not rows:
        return
    columns = {
        "of": array(of for of, _ in rows),
        "path": array(one.path for _, one in rows),
        "types": array(" ".join(sorted(one.types)) for _, one in rows),
        "seen": array(one.seen for _, one in rows),
        "missed": array(one.missed for _, one in rows),
        "change": array(one.change or "" for _, one in rows),
        "reported": array((of, one.path) in changed for of, one in rows),
    }
    session.execute(sql(_WRITE), {"service": service, **columns})
