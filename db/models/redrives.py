"""Redrives in steps: which dead letters of one cause are tried again, and how far that has come."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, Identity, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base

REDRIVE_STATUSES = ("running", "complete", "halted")
LETTER_STATUSES = (
    *("waiting", "sent", "failing", "mended", "died"),
    *("superseded", "held", "skipped"),
)
BLOCKING = ("waiting", "sent", "failing", "died", "held")
"""While an older letter of an entity is one of these, the younger ones of the entity wait."""


class Redrive(Base):
    """One redrive in steps: first one letter, then ten, then the rest."""

    __tablename__ = "redrives"
    __table_args__ = (
        CheckConstraint(f"status IN {REDRIVE_STATUSES}", name="status"),
        Index("ix_redrives_running", "cause", unique=True, postgresql_where="status = 'running'"),
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True, comment="Grows")
    cause: Mapped[str] = mapped_column(comment="What the letters have in common, as a short hash")
    kind: Mapped[str] = mapped_column(comment="event or effect")
    service: Mapped[str] = mapped_column(comment="Whose events; of effects, the target")
    type: Mapped[str] = mapped_column(comment="Of the events; of effects, the action; '' unread")
    error: Mapped[str] = mapped_column(comment="What they died of, without numbers, ids and values")
    status: Mapped[str] = mapped_column(
        server_default="running", comment="running, complete or halted"
    )
    step: Mapped[int] = mapped_column(
        SmallInteger,
        server_default=text("0"),
        comment="0 before its letters are listed, then 1 (one letter), 2 (ten) and 3 (the rest)",
    )
    per_second: Mapped[float] = mapped_column(Float, comment="How many letters, in the third step")
    halt_percent: Mapped[float] = mapped_column(
        Float, comment="It halts where more of a step fail than this"
    )
    counts: Mapped[dict[str, Any]] = mapped_column(
        JSONB(), server_default=text("'{}'"), comment="How many letters have which status"
    )
    failures: Mapped[int] = mapped_column(
        SmallInteger,
        server_default=text("0"),
        comment="How often in a row it could not be advanced; it halts by itself then",
    )
    reason: Mapped[str | None] = mapped_column(comment="Why it halted")
    started_by: Mapped[str] = mapped_column(server_default="", comment="Who asked for it")
    started_at: Mapped[datetime] = mapped_column(server_default=text("now()"), comment="Begun")
    paced_at: Mapped[datetime] = mapped_column(
        server_default=text("now()"), comment="Up to when the rate is used up"
    )
    written_at: Mapped[datetime] = mapped_column(
        server_default=text("now()"), comment="When it was looked after last"
    )
    finished_at: Mapped[datetime | None] = mapped_column(comment="When it got its last status")


class RedriveLetter(Base):
    """One dead letter of a redrive in steps, and what became of it."""

    __tablename__ = "redrive_letters"
    __table_args__ = (
        CheckConstraint(f"status IN {LETTER_STATUSES}", name="status"),
        Index(None, "redrive_id", "status", "position"),
        Index(
            "ix_redrive_letters_entity",
            "redrive_id",
            "entity",
            "position",
            postgresql_where=f"status IN {BLOCKING}",
        ),
    )
    redrive_id: Mapped[int] = mapped_column(primary_key=True, comment="redrives.id")
    position: Mapped[int] = mapped_column(primary_key=True, comment="Its place: older ones first")
    letter: Mapped[str] = mapped_column(comment="events.event_id, or effects.id")
    entity: Mapped[str | None] = mapped_column(
        comment="What it is about; null until that was looked at"
    )
    status: Mapped[str] = mapped_column(
        server_default="waiting",
        comment="waiting, sent, failing (sent, and tried in vain so far), mended, died (again), "
        "superseded, held (an older one of its entity failed) or skipped (no dead letter any more)",
    )
    step: Mapped[int | None] = mapped_column(SmallInteger, comment="In which step it was sent")
    sent_at: Mapped[datetime | None] = mapped_column(comment="When that was")
