"""The ledger: every delivery that was accepted, with its bytes and what became of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base

STATUSES = ("received", "handled", "ignored", "retrying", "dead", "discarded")
SETTLED = ("handled", "ignored", "discarded")
"""Those after which nobody needs the body, but to look at it or to replay it."""
_TO_EMPTY = f"status IN {SETTLED} AND body IS NOT NULL"


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
        Index("ix_events_entity", "service", "entity", postgresql_where="entity IS NOT NULL"),
        Index("ix_events_to_empty", "service", "received_at", postgresql_where=_TO_EMPTY),
    )
    service: Mapped[str] = mapped_column(primary_key=True, comment="stripe, clerk ...")
    event_id: Mapped[str] = mapped_column(
        primary_key=True, comment="The service's id; sha256:... where the body could not be read"
    )
    endpoint: Mapped[str] = mapped_column(
        comment="Where it came in; '' is the service's unnamed endpoint"
    )
    account: Mapped[str] = mapped_column(comment="Whose account it is about; '' is one's own")
    type: Mapped[str | None] = mapped_column(
        comment="The service's type of the event, such as user.created"
    )
    entity: Mapped[str | None] = mapped_column(
        comment="The service's id of the object that it is about; null where it has none, where it "
        "could not be read, and in what came before this column"
    )
    status: Mapped[str] = mapped_column(
        comment="received, handled, ignored, retrying, dead or discarded"
    )
    attempts: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("0"), comment="How often it was tried"
    )
    retry_at: Mapped[datetime | None] = mapped_column(comment="When it is tried again")
    occurred_at: Mapped[datetime | None] = mapped_column(
        comment="When it happened, as the service says"
    )
    received_at: Mapped[datetime] = mapped_column(comment="When it came in")
    settled_at: Mapped[datetime | None] = mapped_column(
        comment="When it got its status, if nothing more is to come"
    )
    redriven_at: Mapped[datetime | None] = mapped_column(comment="When it was redriven last")
    error: Mapped[str | None] = mapped_column(comment="What last went wrong")
    reason: Mapped[str | None] = mapped_column(comment="Why it was ignored or discarded")
    body: Mapped[bytes | None] = mapped_column(
        LargeBinary, comment="Its bytes as they came, without what is secret; null once emptied"
    )
    headers: Mapped[dict[str, Any] | None] = mapped_column(
        comment="Those of its headers that matter; no signature"
    )
    archive_key: Mapped[str | None] = mapped_column(
        comment="The object in R2_BUCKET that has its body and headers, since they left this row"
    )
    archive_offset: Mapped[int | None] = mapped_column(
        comment="Where in that its gzip member begins, in bytes"
    )
    archive_length: Mapped[int | None] = mapped_column(comment="How long that is, in bytes")
    lease_token: Mapped[UUID | None] = mapped_column(comment="Who works on it")
    lease_until: Mapped[datetime | None] = mapped_column(comment="How long that lasts at most")
