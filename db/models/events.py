"""The ledger: every delivery that was accepted, with its bytes and what became of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base

STATUSES = ("received", "handled", "ignored", "retrying", "dead", "discarded")


class EventRecord(Base):
    """One event. `reason` says why it was ignored or discarded, `error` what last went wrong."""

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint(f"status IN {STATUSES}", name="status"),
        Index(None, "service", "received_at"),
        Index(
            "ix_events_received", "service", "received_at", postgresql_where="status = 'received'"
        ),
        Index("ix_events_retrying", "service", "retry_at", postgresql_where="status = 'retrying'"),
        Index("ix_events_dead", "service", "settled_at", postgresql_where="status = 'dead'"),
    )
    service: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    endpoint: Mapped[str]
    account: Mapped[str]
    type: Mapped[str | None]
    status: Mapped[str]
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    retry_at: Mapped[datetime | None]
    occurred_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    redriven_at: Mapped[datetime | None]
    error: Mapped[str | None]
    reason: Mapped[str | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    headers: Mapped[dict[str, Any] | None]
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
