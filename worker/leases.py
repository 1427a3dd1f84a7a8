"""Leases on events: who holds the token may attempt; who lost it lets go. All times are the
database's.
"""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row
from sqlalchemy.orm import Session

from db.session import transaction
from integrations.interface import Delivery
from integrations.schema import dump
from settings import settings
from worker import bodies
from worker.bodies import Place
from worker.ledger import TABLE, Record, sql


@dataclass(frozen=True, slots=True)
class Lease:
    """An event that is ours to attempt until the lease ends. `attempt` is already counted.

    `archived` is where its body is, if that is not in the delivery any more.
    """

    event_id: str
    attempt: int
    token: UUID
    delivery: Delivery
    error: str | None
    archived: Place | None = None


_LEASE = f"""
    WITH due AS MATERIALIZED (
        SELECT service, event_id FROM {TABLE}
        WHERE service = :service AND status = 'retrying' AND retry_at <= now()
            AND (lease_until IS NULL OR lease_until < now())
        ORDER BY retry_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    UPDATE {TABLE} AS kept SET attempts = attempts + 1, lease_token = :token,
        lease_until = now() + make_interval(secs => :seconds)
    FROM due WHERE kept.service = due.service AND kept.event_id = due.event_id
    RETURNING kept.event_id, attempts, error, endpoint, body, headers, received_at,
        archive_key, archive_offset, archive_length
"""  # noqa: S608  our own table


def lease(service: str) -> Lease | None:
    """Lease the retry that is due the longest, and count the attempt before it is made.

    One at a time: an attempt may kill its process, and must then stand alone.
    """
    token = uuid4()
    keys = {"service": service, "token": token, "seconds": _lease_seconds()}
    with transaction() as session:
        found = session.execute(sql(_LEASE), keys).first()
    if found is None:
        return None
    delivery, place = _delivery(service, found), bodies.place(found)
    return Lease(found.event_id, found.attempts, token, delivery, found.error, place)


_GIVE_BACK = f"""
    UPDATE {TABLE} SET attempts = attempts - 1, lease_token = NULL, lease_until = NULL,
        error = coalesce(:error, error),
        retry_at = coalesce(now() + make_interval(secs => CAST(:wait AS float8)), retry_at)
    WHERE service = :service AND event_id = :id AND lease_token = :token
"""  # noqa: S608  our own table


def give_back(
    service: str, lease: Lease, *, wait: float | None = None, error: str | None = None
) -> None:
    """End a lease as if it had not been: it failed by our own doing, or nothing was tried.

    `wait` is how many seconds it is not to be leased again, and `error` says why.
    """
    with transaction() as session:
        keys = {"service": service, "id": lease.event_id, "token": lease.token}
        session.execute(sql(_GIVE_BACK), keys | {"wait": wait, "error": error})


_FALLEN = f"""
    WITH oldest AS MATERIALIZED (
        SELECT service, event_id FROM {TABLE}
        WHERE service = :service AND status = 'received' AND lease_token IS NULL
        ORDER BY received_at LIMIT :count FOR UPDATE SKIP LOCKED)
    UPDATE {TABLE} AS kept SET lease_token = :token,
        lease_until = now() + make_interval(secs => :seconds)
    FROM oldest WHERE kept.service = oldest.service AND kept.event_id = oldest.event_id
    RETURNING kept.event_id, endpoint, body, headers, received_at
"""  # noqa: S608  our own table


def fallen_back(service: str, count: int) -> list[Delivery]:
    """Lease deliveries that came in past Redis, oldest first."""
    keys = {"service": service, "token": uuid4(), "seconds": _lease_seconds(), "count": count}
    with transaction() as session:
        found = session.execute(sql(_FALLEN), keys).all()
    return [_delivery(service, row) for row in found]


_EXPIRE = f"""
    UPDATE {TABLE} SET status = 'retrying', retry_at = now(), lease_token = NULL, lease_until = NULL
    WHERE service = :service AND status = 'received' AND lease_until < now()
"""  # noqa: S608  our own table


def expire(service: str) -> None:
    """Hand fallen-back deliveries whose batch did not end to the retry path, which counts."""
    with transaction() as session:
        session.execute(sql(_EXPIRE), {"service": service})


_SETTLE = f"""
    UPDATE {TABLE} SET status = :status, attempts = :attempts, error = :error, reason = :reason,
        type = coalesce(:type, type), entity = coalesce(:entity, entity),
        account = coalesce(nullif(:account, ''), account),
        occurred_at = coalesce(:occurred_at, occurred_at),
        retry_at = now() + make_interval(secs => CAST(:retry_in AS float8)),
        settled_at = CASE WHEN CAST(:status AS text) <> 'retrying' THEN now() END,
        lease_token = NULL, lease_until = NULL
    WHERE service = :service AND event_id = :id AND lease_token = :token
    RETURNING event_id
"""  # noqa: S608  our own table


_SETTLED = (
    "status",
    "type",
    "entity",
    "account",
    "occurred_at",
    "attempts",
    "retry_in",
    "error",
    "reason",
)


def settle(session: Session, lease: Lease, record: Record) -> bool:
    """Write the outcome of an attempt; return False if the lease has passed to somebody else."""
    values = {name: getattr(record, name) for name in _SETTLED}
    keys = {"service": record.delivery.service, "id": lease.event_id, "token": lease.token}
    return session.execute(sql(_SETTLE), values | keys).first() is not None


_REWRITE = f"""
    UPDATE {TABLE} SET body = :body, headers = CAST(:headers AS jsonb)
    WHERE service = :service AND event_id = :id AND lease_token = :token
"""  # noqa: S608  our own table


def rewrite(lease: Lease, delivery: Delivery) -> Lease:
    """Put another body in the place of the event's, unless the lease passed to somebody else.

    With its headers: of an archived event the row has neither.
    """
    keys = {"service": delivery.service, "id": lease.event_id, "token": lease.token}
    values = {"body": delivery.body, "headers": dump(dict(delivery.headers))}
    with transaction() as session:
        session.execute(sql(_REWRITE), keys | values)
    return replace(lease, delivery=delivery)


_RENAME = f"""
    UPDATE {TABLE} SET event_id = :new
    WHERE service = :service AND event_id = :id AND lease_token = :token
        AND NOT EXISTS (SELECT FROM {TABLE} WHERE service = :service AND event_id = :new)
    RETURNING event_id
"""  # noqa: S608  our own table


def rename(session: Session, lease: Lease, event_id: str) -> Lease | None:
    """Give an event that was entered unread its own id; return None if that id is taken."""
    keys = {"service": lease.delivery.service, "id": lease.event_id, "token": lease.token}
    renamed = session.execute(sql(_RENAME), keys | {"new": event_id}).first()
    return replace(lease, event_id=event_id) if renamed else None


def _delivery(service: str, row: Row[Any]) -> Delivery:
    return Delivery(service, row.endpoint, row.body or b"", row.headers or {}, row.received_at)


def _lease_seconds() -> float:
    return settings().inbox.reclaim_idle_seconds
