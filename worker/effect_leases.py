"""Leases on effects: who holds the token may perform one; who lost it lets go.

All times are the database's.
"""

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError

from db.session import transaction
from fault_points import reach
from integrations.effects import Sending
from settings import settings
from worker.ledger import sql
from worker.outbox import TABLE

_TRIES = 5  # to lease, where another is quicker


@dataclass(frozen=True, slots=True)
class Lease:
    """An effect that is ours to perform until the lease ends; the attempt is already counted.

    `sent_at` is when an earlier attempt may first have got through, None if none may; `sent_ago`
    is how many seconds ago that was, `age` how long it waits altogether. Until `ends`, which is a
    time of this process' monotonic clock, the lease holds for certain. What is `late` happened too
    long ago to be sent unasked.
    """

    id: int
    action: str
    sending: Sending
    token: UUID
    error: str | None
    sent_at: datetime | None
    sent_ago: float
    age: float
    late: bool
    ends: float


# An entity's other effects wait while its lease is held, expired or not: who held it may have died
# in the middle of the call, and leases it first again.
_LEASE = f"""
    WITH due AS MATERIALIZED (
        SELECT id, first_sent_at FROM {TABLE} AS one
        WHERE target = :target AND status = 'waiting' AND retry_at <= now()
            AND (lease_until IS NULL OR lease_until < now())
            AND NOT EXISTS (SELECT FROM {TABLE} AS other WHERE other.target = one.target
                AND other.action = one.action AND other.entity = one.entity
                AND other.lease_token IS NOT NULL AND other.id <> one.id)
        ORDER BY retry_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    UPDATE {TABLE} AS kept SET attempts = attempts + 1, lease_token = :token,
        lease_until = now() + make_interval(secs => :seconds),
        first_sent_at = coalesce(kept.first_sent_at, now())
    FROM due WHERE kept.id = due.id
    RETURNING kept.id, action, entity, payload, key, attempts, error, occurred_at,
        due.first_sent_at AS sent_at,
        CAST(coalesce(extract(epoch FROM now() - due.first_sent_at), 0) AS float8) AS sent_ago,
        CAST(extract(epoch FROM now() - coalesce(redriven_at, created_at)) AS float8) AS age,
        payload IS NOT NULL AND event_id IS NOT NULL AND redriven_at IS NULL
            AND occurred_at < now() - make_interval(secs => :longest) AS late
"""  # noqa: S608  our own table

# what is committed by now the call will tell: it reads the mirrors later. What was never tried and
# is not due was asked for at its own time
_MERGE = f"""
    WITH same AS MATERIALIZED (
        SELECT id FROM {TABLE}
        WHERE target = :target AND action = :action AND entity = :entity AND status = 'waiting'
            AND lease_token IS NULL
            AND (retry_at <= now() OR attempts > 0 OR error IS NOT NULL)
        FOR UPDATE SKIP LOCKED)
    UPDATE {TABLE} AS kept SET status = 'merged', settled_at = now(), reason = :reason
    FROM same WHERE kept.id = same.id
"""  # noqa: S608  our own table


def lease(target: str) -> Lease | None:
    """Lease the effect that is due the longest, and count the attempt before it is made.

    Never two for one entity: who does the same at this moment is refused by the index.
    """
    for _ in range(_TRIES):
        with suppress(IntegrityError):
            return _lease(target)
    return None


def _lease(target: str) -> Lease | None:
    began, seconds = time.monotonic(), settings().inbox.reclaim_idle_seconds
    longest = settings().effects.effects_max_age_hours * 3600
    keys = {"target": target, "token": uuid4(), "seconds": seconds, "longest": longest}
    with transaction() as session:
        found = session.execute(sql(_LEASE), keys).first()
        if found is not None and found.entity is not None:
            same = {"action": found.action, "entity": found.entity}
            done = {"target": target, "reason": f"done by effect {found.id}"}
            session.execute(sql(_MERGE), same | done)
    return None if found is None else _leased(found, keys["token"], began + seconds)


def _leased(found: Any, token: Any, ends: float) -> Lease:
    reach("deliver.leased")
    sending = Sending(
        key=found.key,
        occurred_at=found.occurred_at,
        attempt=found.attempts,
        entity=found.entity or "",
        payload=found.payload or {},
    )
    return Lease(
        id=found.id,
        action=found.action,
        sending=sending,
        token=token,
        error=found.error,
        sent_at=found.sent_at,
        sent_ago=found.sent_ago,
        age=found.age,
        late=found.late,
        ends=ends,
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt. `retry_in`: seconds, for what is `waiting` again.

    `sent` says whether the call may have got through; `counts`, whether it was an attempt at all.
    `reason` is why it is `held`.
    """

    status: str
    error: str | None = None
    retry_in: float = 0
    sent: bool = False
    counts: bool = True
    reason: str | None = None


_SETTLE = f"""
    UPDATE {TABLE} SET status = :status, error = :error, reason = coalesce(:reason, reason),
        attempts = attempts - CASE WHEN :counts THEN 0 ELSE 1 END,
        retry_at = now() + make_interval(secs => :retry_in),
        settled_at = CASE WHEN CAST(:status AS text) <> 'waiting' THEN now() END,
        first_sent_at = CASE WHEN :sent THEN first_sent_at ELSE CAST(:sent_at AS timestamptz) END,
        lease_token = NULL, lease_until = NULL
    WHERE id = :id AND lease_token = :token
    RETURNING id
"""  # noqa: S608  our own table


def settle(lease: Lease, outcome: Outcome) -> bool:
    """Write the outcome of an attempt; return False if the lease has passed to somebody else."""
    keys = {"id": lease.id, "token": lease.token, "sent_at": lease.sent_at}
    with transaction() as session:
        return session.execute(sql(_SETTLE), asdict(outcome) | keys).first() is not None


_DUE = f"""
    SELECT name FROM unnest(CAST(:names AS text[])) AS one(name)
    WHERE EXISTS (SELECT FROM {TABLE} WHERE target = name AND status = 'waiting'
        AND retry_at <= now() AND (lease_until IS NULL OR lease_until < now()))
"""  # noqa: S608  our own table


def due(targets: Iterable[str]) -> list[str]:
    """Return those of the targets for which there is something to do now."""
    with transaction() as session:
        return list(session.execute(sql(_DUE), {"names": list(targets)}).scalars())
