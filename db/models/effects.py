"""The outbox: what is to be done at other services, and what became of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Identity, Index, SmallInteger, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base

EFFECT_STATUSES = ("waiting", "held", "sent", "merged", "dead", "discarded")
DONE = ("sent", "merged", "discarded")
_LEASED = "lease_token IS NOT NULL AND entity IS NOT NULL"


class EffectRecord(Base):
    """One effect. Your application may insert `target, action` and either `entity` or `payload`;
    every other column has a default.
    """

    __tablename__ = "effects"
    __table_args__ = (
        CheckConstraint(f"status IN {EFFECT_STATUSES}", name="status"),
        CheckConstraint("num_nonnulls(entity, payload) = 1", name="kind"),
        Index(None, "key", unique=True),
        Index(None, "created_at"),
        Index("ix_effects_waiting", "target", "retry_at", postgresql_where="status = 'waiting'"),
        Index(
            "ix_effects_waiting_entity",
            "target",
            "action",
            "entity",
            postgresql_where="status = 'waiting' AND entity IS NOT NULL",
        ),
        # nobody reads the mirrors for an entity while another one's call for it may be on its way
        Index(
            "ix_effects_leased", "target", "action", "entity", unique=True, postgresql_where=_LEASED
        ),
        Index(
            "ix_effects_given_up",
            "target",
            "settled_at",
            postgresql_where="status IN ('dead', 'held')",
        ),
        Index(
            "ix_effects_to_empty",
            "settled_at",
            postgresql_where=f"status IN {DONE} AND payload <> '{{}}'::jsonb",
        ),
        Index(None, "service", "event_id"),
    )
    id: Mapped[int] = mapped_column(
        Identity(always=True), primary_key=True, comment="Grows; of equals the smaller goes first"
    )
    target: Mapped[str] = mapped_column(comment="Where it goes: loops, posthog, app ...")
    action: Mapped[str] = mapped_column(comment="What is done there, such as event")
    entity: Mapped[str | None] = mapped_column(
        comment="Who or what it is about, for an action that tells how something is"
    )
    payload: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True),
        comment="What happened, for an action that tells that; {} when long done",
    )
    key: Mapped[str] = mapped_column(
        server_default=text("(gen_random_uuid())::text"),
        comment="The idempotency key: a second effect with the same one is refused",
    )
    status: Mapped[str] = mapped_column(
        server_default="waiting", comment="waiting, held, sent, merged, dead or discarded"
    )
    attempts: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("0"), comment="How often it was tried"
    )
    retry_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), comment="Not before then it is tried"
    )
    created_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), comment="When it was asked for"
    )
    occurred_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), comment="When that happened which it tells or follows from"
    )
    first_sent_at: Mapped[datetime | None] = mapped_column(
        comment="The first attempt that may have got through"
    )
    settled_at: Mapped[datetime | None] = mapped_column(
        comment="When it got its status, if nothing more is to come"
    )
    redriven_at: Mapped[datetime | None] = mapped_column(comment="When it was redriven last")
    error: Mapped[str | None] = mapped_column(comment="What last went wrong")
    reason: Mapped[str | None] = mapped_column(comment="Why it is held, merged or discarded")
    service: Mapped[str | None] = mapped_column(comment="events.service of its cause, if any")
    event_id: Mapped[str | None] = mapped_column(comment="events.event_id of its cause, if any")
    lease_token: Mapped[UUID | None] = mapped_column(comment="Who works on it")
    lease_until: Mapped[datetime | None] = mapped_column(comment="How long that lasts at most")
