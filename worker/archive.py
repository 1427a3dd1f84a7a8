"""Retention: the bodies of old settled events leave the ledger, into the archive where that is on.

A body leaves its row only when the archive was read back. The rows themselves stay for ever: they
are how a duplicate is known.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from random import sample
from typing import Any

from sqlalchemy import Row

from db.models.events import SETTLED
from db.session import transaction
from fault_points import reach
from integrations.errors import Deferred, Permanent, Transient
from integrations.r2 import archive
from integrations.r2.archive import Bundle, Entry
from settings import settings
from telemetry import describe, log
from worker import bell, payloads
from worker.archive_lock import storing
from worker.arrays import array
from worker.ledger import TABLE, sql
from worker.slots import slot

PAYLOADS = 10_000  # of effects, emptied in one transaction
EVENTS = 1000  # in one object of the archive, or emptied in one transaction
BYTES = 8_000_000  # of bodies in one object, and of one more event at most

_log = log(__name__)
# whole hours only: else an hour would come into the archive in crumbs
_OLD = f"""
    service = :service AND status IN {SETTLED} AND body IS NOT NULL
    AND received_at < date_trunc('hour', now() - make_interval(days => :days), 'UTC')
"""


def on() -> bool:
    """Return whether bodies are to leave at all."""
    return bool(settings().retention.events_retention_days)


def run(task: str, services: Iterable[str]) -> str:
    """Let old bodies leave, and ring for the task again if time was up; return how many did.

    What the archive does not take is logged and stays here, and the next turn tries again.
    """
    with slot("archive") as free:
        if not free:
            return "busy"
        done = retire(services)
        emptied = payloads.empty(PAYLOADS) if on() else 0
    if not (done.over or done.failed):
        bell.ring(task)
    failed = f" failed={','.join(done.failed)}" if done.failed else ""
    more = f" payloads={emptied}" if emptied else ""
    return f"left={done.bodies}{more}{failed}"


@dataclass(slots=True)
class Done:
    """How many bodies left, whether these are all, and the services of which some would not."""

    bodies: int = 0
    over: bool = False
    failed: list[str] = field(default_factory=list)


def retire(services: Iterable[str]) -> Done:
    """Let old bodies leave until the slice is spent; return what was done."""
    end, done = time.monotonic() + settings().inbox.time_slice_seconds, Done()
    # in any order: who comes first may have more than fits into a slice, every time
    for service in sample(names := list(services), len(names)) if on() else []:
        if not _of_service(service, end, done):
            return done
    done.over = True
    return done


def _of_service(service: str, end: float, done: Done) -> bool:
    """Let a service's old bodies leave; return whether there is time for another."""
    step = _archived if settings().r2.r2_archive else _emptied
    try:
        while count := step(service):
            done.bodies += count
            if time.monotonic() >= end:
                return False
    except (Transient, Deferred) as error:
        done.failed.append(service)
        _log.warning("archive.failed", service=service, error=describe(error))
    except Permanent as error:  # no other service shall wait for what may never be mended
        done.failed.append(service)
        _log.error("archive.failed", service=service, error=describe(error))
    return time.monotonic() < end


_EMPTY = f"""
    WITH old AS MATERIALIZED (
        SELECT service, event_id FROM {TABLE} WHERE {_OLD}
        ORDER BY received_at LIMIT :count FOR UPDATE SKIP LOCKED)
    UPDATE {TABLE} AS kept SET body = NULL, headers = NULL
    FROM old WHERE kept.service = old.service AND kept.event_id = old.event_id
    RETURNING kept.event_id
"""  # noqa: S608  our own table


def _emptied(service: str) -> int:
    with transaction() as session:
        return len(session.execute(sql(_EMPTY), _keys(service)).all())


def _keys(service: str) -> dict[str, Any]:
    days = settings().retention.events_retention_days
    return {"service": service, "days": days, "count": EVENTS}


# the sizes are known without reading the bodies
_OF_AN_HOUR = f"""
    WITH old AS MATERIALIZED (
        SELECT event_id, received_at, octet_length(body) AS size FROM {TABLE} WHERE {_OLD}
        ORDER BY received_at, event_id LIMIT :count),
    sized AS (
        SELECT event_id, date_trunc('hour', received_at, 'UTC') AS hour,
            sum(size) OVER (ORDER BY received_at, event_id) - size AS before FROM old)
    SELECT event_id, endpoint, received_at, headers, body
    FROM sized JOIN {TABLE} AS kept USING (event_id)
    WHERE kept.service = :service AND kept.body IS NOT NULL
        AND before < :bytes AND hour = (SELECT min(hour) FROM sized)
    ORDER BY received_at, event_id
"""  # noqa: S608  our own table


def _archived(service: str) -> int:
    """Archive what is old of one hour; return how many events that were.

    What somebody works on meanwhile, or archives too, is counted and left; none is archived while
    a person is forgotten.
    """
    with storing() as mine:
        return _stored(service) if mine else 0


def _stored(service: str) -> int:
    with transaction() as session:
        found = session.execute(sql(_OF_AN_HOUR), _keys(service) | {"bytes": BYTES}).all()
    if not found:
        return 0
    entries = [_entry(service, row) for row in found]
    bundle = archive.store(archive.bundle(entries))
    reach("archive.stored")
    moved = _move(service, entries, bundle)
    _log.info("archived", service=service, key=bundle.key, events=moved)
    return moved


def _entry(service: str, row: Row[Any]) -> Entry:
    return Entry(
        service, row.event_id, row.endpoint, row.received_at, row.headers or {}, bytes(row.body)
    )


# a replay may have begun, or the body be another by now
_MOVE = f"""
    WITH mine AS MATERIALIZED (
        SELECT service, event_id, place_at, place_length
        FROM {TABLE} AS there JOIN unnest(CAST(:event_id AS text[]), CAST(:place_at AS bigint[]),
            CAST(:place_length AS bigint[]), CAST(:digest AS bytea[]))
            AS given(event_id, place_at, place_length, digest) USING (event_id)
        WHERE service = :service AND status IN {SETTLED} AND sha256(body) = digest
        ORDER BY event_id FOR UPDATE OF there SKIP LOCKED)
    UPDATE {TABLE} AS kept SET body = NULL, headers = NULL,
        archive_key = :key, archive_offset = place_at, archive_length = place_length
    FROM mine WHERE kept.service = mine.service AND kept.event_id = mine.event_id
    RETURNING kept.event_id
"""  # noqa: S608  our own table


def _move(service: str, entries: Sequence[Entry], bundle: Bundle) -> int:
    places = bundle.places
    columns = {
        "event_id": array(entry.event_id for entry in entries),
        "place_at": array(place.offset for place in places),
        "place_length": array(place.length for place in places),
        "digest": array(sha256(entry.body).digest() for entry in entries),
    }
    with transaction() as session:
        keys = {"service": service, "key": bundle.key, **columns}
        return len(session.execute(sql(_MOVE), keys).all())
