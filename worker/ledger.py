"""The events table: who claims an event first has it, all others are duplicates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.orm import Session

from db.models.events import EventRecord
from db.session import transaction
from integrations.interface import Delivery
from integrations.schema import dump
from worker.arrays import array

EVENTS = EventRecord.__table__
TABLE = EVENTS.fullname  # type: ignore[attr-defined]  # declarative types __table__ as FromClause


@dataclass(frozen=True, slots=True)
class Record:
    """What the ledger shall hold of an event. `retry_in` is in seconds, for `retrying` ones."""

    delivery: Delivery
    event_id: str
    status: str
    type: str | None = None
    entity: str | None = None
    account: str = ""
    occurred_at: datetime | None = None
    attempts: int = 1
    retry_in: float | None = None
    error: str | None = None
    reason: str | None = None


def unread_id(delivery: Delivery) -> str:
    """Return the id of a delivery whose own is not known: that of its bytes."""
    return f"sha256:{sha256(delivery.body).hexdigest()}"


_CLAIM = f"""
    INSERT INTO {TABLE} AS kept (service, event_id, endpoint, account, type, entity, status,
        attempts, retry_at, occurred_at, received_at, settled_at, error, reason, body, headers)
    SELECT :service, event_id, endpoint, account, type, entity, status, attempts,
        now() + make_interval(secs => retry_in), occurred_at, received_at,
        CASE WHEN status IN ('handled', 'ignored', 'dead') THEN now() END,
        error, reason, body, CAST(headers AS jsonb)
    FROM unnest(CAST(:event_id AS text[]), CAST(:endpoint AS text[]), CAST(:account AS text[]),
        CAST(:type AS text[]), CAST(:entity AS text[]), CAST(:status AS text[]),
        CAST(:attempts AS smallint[]),
        CAST(:retry_in AS float8[]), CAST(:occurred_at AS timestamptz[]),
        CAST(:received_at AS timestamptz[]), CAST(:error AS text[]), CAST(:reason AS text[]),
        CAST(:body AS bytea[]), CAST(:headers AS text[]))
        AS given(event_id, endpoint, account, type, entity, status, attempts, retry_in,
            occurred_at, received_at, error, reason, body, headers)
    ORDER BY event_id
    ON CONFLICT (service, event_id) DO UPDATE SET endpoint = excluded.endpoint,
        account = excluded.account, type = excluded.type, entity = excluded.entity,
        status = excluded.status, attempts = excluded.attempts, retry_at = excluded.retry_at,
        occurred_at = excluded.occurred_at, settled_at = excluded.settled_at,
        error = excluded.error, reason = excluded.reason, body = excluded.body,
        headers = excluded.headers, lease_token = NULL, lease_until = NULL
    WHERE kept.status = 'received'
    RETURNING event_id
"""  # noqa: S608  our own table


_RECORDED = (
    "event_id",
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


def claim(session: Session, records: Sequence[Record]) -> set[str]:
    """Enter events that the ledger does not know, or knows as `received`, with their status.

    Return the ids that are ours; every other one is a duplicate, of which nothing changes. Of two
    records with the same id the first counts.
    """
    first = {record.event_id: record for record in reversed(records)}
    rows = sorted(first.values(), key=lambda record: record.event_id)
    columns = {name: array(getattr(record, name) for record in rows) for name in _RECORDED}
    columns |= {
        name: array(getattr(record.delivery, name) for record in rows)
        for name in ("endpoint", "received_at", "body")
    }
    columns["headers"] = array(dump(dict(record.delivery.headers)) for record in rows)
    service = rows[0].delivery.service
    return set(session.execute(sql(_CLAIM), {"service": service, **columns}).scalars())


def keep(record: Record) -> bool:
    """Enter one event by itself, as `claim` does; return whether it was ours."""
    with transaction() as session:
        return bool(claim(session, [record]))


_DUE = f"""
    SELECT
        EXISTS (SELECT FROM {TABLE} WHERE service = :service AND status = 'received'
            AND lease_token IS NULL) AS fallen_back,
        EXISTS (SELECT FROM {TABLE} WHERE service = :service AND status = 'retrying'
            AND retry_at <= now() AND (lease_until IS NULL OR lease_until < now())) AS retries
"""  # noqa: S608  our own table


def due(service: str) -> Row[Any]:
    """Return whether there are (fallen_back deliveries, retries) to work on now."""
    with transaction() as session:
        return session.execute(sql(_DUE), {"service": service}).one()


@cache
def sql(statement: str) -> TextClause:
    """Return the statement, compiled once."""
    return text(statement)
