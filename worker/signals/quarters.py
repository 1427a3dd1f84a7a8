"""The history of the ledger by quarters of an hour: counted once, when each is over.

What is usual is asked for every half a minute; out of a ledger of millions that would be their
counting again and again.
"""

import math
import time
from collections.abc import Iterable
from typing import Any

from db.models.watch import QUARTER, EventQuarter
from db.session import transaction
from worker.ledger import TABLE, sql

QUARTERS = EventQuarter.__table__.fullname  # type: ignore[attr-defined]  # as in worker/ledger.py
WEEK = 7 * 86400 // QUARTER  # slots
WEEKS = 4
_AGAIN = 4
"""Slots that are counted again: what waited in an inbox comes late, what failed may be mended."""
_AT_ONCE = 96  # slots of a transaction: a day
_UNREAD = "coalesce(type, '')"

# the first event behind what is counted, so that a year without any is one step
NEXT = f"""
    SELECT service, (SELECT CAST(extract(epoch FROM min(received_at)) AS bigint) / {QUARTER}
        FROM {TABLE} AS e WHERE e.service = asked.service
        AND received_at >= greatest(now() - interval '{7 * WEEKS + 7} days',
            to_timestamp((SELECT max(slot) + 1 FROM {QUARTERS} AS q
                WHERE q.service = asked.service AND q.type = '') * {QUARTER}))) AS slot
    FROM unnest(CAST(:services AS text[])) AS asked(service)
"""  # noqa: S608  our own tables

# the first slot that is not over, or has what is not read yet, as after a pause: of what type that
# is, is not known before; counted now, it would be nobody's history
_KNOWN = f"""
    SELECT CAST(floor(extract(epoch FROM least(now(), (SELECT min(received_at) FROM (
        SELECT received_at FROM {TABLE} WHERE service = :service AND status = 'received'
        ORDER BY received_at LIMIT 1) AS unread))) / {QUARTER}) AS bigint)
"""  # noqa: S608  our own table

FAILED = "status IN ('dead', 'retrying')"
_COUNT = f"""
    INSERT INTO {QUARTERS} AS kept (service, type, slot, events, failed, last_at)
    SELECT :service, CASE WHEN grouping({_UNREAD}) = 1 THEN '' ELSE {_UNREAD} END, slot,
        count(*), count(*) FILTER (WHERE {FAILED}), max(received_at)
    FROM (SELECT type, status, received_at,
            CAST(floor(extract(epoch FROM received_at) / {QUARTER}) AS integer) AS slot
        FROM {TABLE} WHERE service = :service AND received_at >= to_timestamp(:first * {QUARTER})
            AND received_at < to_timestamp(:end * {QUARTER})) AS came
    GROUP BY GROUPING SETS ((slot, {_UNREAD}), (slot))
    HAVING grouping({_UNREAD}) = 1 OR {_UNREAD} <> ''
    ON CONFLICT (service, type, slot) DO UPDATE
    SET events = excluded.events, failed = excluded.failed, last_at = excluded.last_at
"""  # noqa: S608  our own tables

# a type that fell silent keeps its last weeks, however long ago they are
_FORGET = f"""
    DELETE FROM {QUARTERS} AS old USING ({{kinds}}) AS kinds
    WHERE old.service = kinds.service AND old.type = kinds.type
        AND old.slot < kinds.slot - {(WEEKS + 1) * WEEK}
"""  # noqa: S608  our own tables

# from type to type through the key, however many slots each has
KINDS = f"""
    WITH RECURSIVE kinds(service, type, slot, last_at) AS (
        (SELECT service, type, slot, last_at FROM {QUARTERS}
            ORDER BY service DESC, type DESC, slot DESC LIMIT 1)
        UNION ALL
        SELECT next.* FROM kinds, LATERAL (
            SELECT q.service, q.type, q.slot, q.last_at FROM {QUARTERS} AS q
            WHERE (q.service, q.type) < (kinds.service, kinds.type)
            ORDER BY q.service DESC, q.type DESC, q.slot DESC LIMIT 1) AS next)
    SELECT kinds.*, (SELECT q.slot FROM {QUARTERS} AS q WHERE q.service = kinds.service
        AND q.type = kinds.type ORDER BY q.slot LIMIT 1) AS oldest
    FROM kinds
"""  # noqa: S608  our own table


def count(services: Iterable[str], seconds: float = math.inf) -> int:
    """Count the slots that are over, a day at a time, oldest first; return how many days.

    Until all are counted, or the seconds are spent, or what comes next is not read yet: the next
    call goes on.
    """
    end, counted = time.monotonic() + seconds, 0
    for service in services:
        while time.monotonic() < end and (slots := _next(service)):
            with transaction() as session:
                session.execute(sql(_COUNT), {"service": service, **slots})
            counted += 1
    return counted


def _next(service: str) -> dict[str, int]:
    """Return the first slot that is to be counted and the one behind the last, {} for none."""
    with transaction() as session:
        found: Any = session.execute(sql(NEXT), {"services": [service]}).one()
        known: int = session.execute(sql(_KNOWN), {"service": service}).scalar_one()
    if found.slot is None or found.slot >= known:
        return {}
    first = found.slot - _AGAIN
    return {"first": first, "end": min(known, found.slot + _AT_ONCE)}


def forget() -> int:
    """Delete what is older than the weeks that are compared; return how much that was."""
    with transaction() as session:
        done = session.execute(sql(_FORGET.format(kinds=KINDS)))
        return int(done.rowcount)  # type: ignore[attr-defined]  # of a DELETE there is one
