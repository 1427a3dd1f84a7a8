"""What keeps the mirrors complete: runs, their cursors, what they found, and who ticked when."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Identity, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base

RUN_STATUSES = ("running", "complete", "stopped", "failed")
CAUSES = (
    "missed event",
    "dead letter",
    "waiting event",
    "changed here",
    "changed there without an event",
    "created before us",
    "our defect",
)


class SyncRun(Base):
    """One run of a sync, over as many slices as it takes: the account of what it found."""

    __tablename__ = "sync_runs"
    __table_args__ = (
        CheckConstraint(f"status IN {RUN_STATUSES}", name="status"),
        Index(
            "ix_sync_runs_running",
            "service",
            "name",
            "kind",
            "account",
            unique=True,
            postgresql_where="status = 'running'",
        ),
        Index(None, "service", "name", "started_at"),
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True, comment="Grows")
    service: Mapped[str] = mapped_column(comment="Whom it asked")
    name: Mapped[str] = mapped_column(comment="events, a type of object, refetch or outward")
    kind: Mapped[str] = mapped_column(
        comment="catch_up, reconcile, backfill, refetch, outward or archive"
    )
    account: Mapped[str] = mapped_column(server_default="", comment="'' is one's own")
    status: Mapped[str] = mapped_column(
        server_default="running",
        comment="running, complete, stopped (cut short: the next goes on) or failed",
    )
    plan: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="Whether it only looked, and changed nothing"
    )
    started_at: Mapped[datetime] = mapped_column(server_default=text("now()"), comment="Begun")
    finished_at: Mapped[datetime | None] = mapped_column(comment="When it got its last status")
    gap_from: Mapped[datetime | None] = mapped_column(comment="The first of what was missing")
    gap_to: Mapped[datetime | None] = mapped_column(comment="The last of what was missing")
    there: Mapped[int] = mapped_column(
        server_default=text("0"), comment="How many the service has, as far as it was read"
    )
    here: Mapped[int] = mapped_column(
        server_default=text("0"), comment="How many of these we had, and as they are"
    )
    fetched: Mapped[int] = mapped_column(
        server_default=text("0"), comment="How many we lacked, and took"
    )
    applied: Mapped[int] = mapped_column(
        server_default=text("0"), comment="How many rows were written because of it"
    )
    failed: Mapped[int] = mapped_column(
        server_default=text("0"), comment="How many could not be read or written"
    )
    gone: Mapped[int] = mapped_column(
        server_default=text("0"), comment="How many that we had are deleted there"
    )
    error: Mapped[str | None] = mapped_column(comment="Why it was stopped, or failed")


class SyncCursor(Base):
    """How far a sync has come: where its run stands, and up to when the last one was complete."""

    __tablename__ = "sync_cursors"
    service: Mapped[str] = mapped_column(primary_key=True, comment="Whom it asks")
    name: Mapped[str] = mapped_column(primary_key=True, comment="As sync_runs.name")
    kind: Mapped[str] = mapped_column(
        primary_key=True, comment="As sync_runs.kind: a backfill keeps its place beside a catch-up"
    )
    account: Mapped[str] = mapped_column(
        primary_key=True, server_default="", comment="'' is one's own"
    )
    run_id: Mapped[int | None] = mapped_column(comment="sync_runs.id of the run under way")
    cursor: Mapped[str | None] = mapped_column(comment="Where its next page begins")
    state: Mapped[dict[str, Any]] = mapped_column(
        JSONB(), server_default=text("'{}'"), comment="What else the run has to know"
    )
    complete_until: Mapped[datetime | None] = mapped_column(
        comment="The service's time up to which nothing is missing"
    )
    lease_token: Mapped[UUID | None] = mapped_column(comment="Who works on it")
    lease_until: Mapped[datetime | None] = mapped_column(comment="How long that lasts at most")
    written_at: Mapped[datetime] = mapped_column(
        server_default=text("now()"), comment="When a page was committed last"
    )


class SyncSeen(Base):
    """What the listing of a run has shown so far: what else is here may be gone there."""

    __tablename__ = "sync_seen"
    run_id: Mapped[int] = mapped_column(primary_key=True, comment="sync_runs.id")
    row_id: Mapped[str] = mapped_column(primary_key=True, comment="The object's id")


class Drift(Base):
    """One field of one object that is not here as it is at the service."""

    __tablename__ = "drift"
    __table_args__ = (
        CheckConstraint(f"cause IN {CAUSES}", name="cause"),
        Index(None, "run_id"),
        Index(None, "service", "table_name", "row_id"),
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True, comment="Grows")
    run_id: Mapped[int] = mapped_column(comment="sync_runs.id")
    service: Mapped[str] = mapped_column(comment="Whose object it is")
    table_name: Mapped[str] = mapped_column(comment="In which table its row is")
    row_id: Mapped[str] = mapped_column(comment="The row's id")
    account: Mapped[str] = mapped_column(server_default="", comment="'' is one's own")
    field: Mapped[str] = mapped_column(comment="Which column; * where the whole row is missing")
    here: Mapped[str | None] = mapped_column(comment="Our value; of personal ones only a hash")
    there: Mapped[str | None] = mapped_column(comment="Theirs; of personal ones only a hash")
    cause: Mapped[str] = mapped_column(comment="What most likely led to it")
    found_at: Mapped[datetime] = mapped_column(server_default=text("now()"), comment="Seen first")
    repaired_at: Mapped[datetime | None] = mapped_column(comment="Since when it is as there")


class ScheduleSlot(Base):
    """Each time that a schedule came due, once, whoever ticks: the first to write it has it run."""

    __tablename__ = "schedule_slots"
    schedule: Mapped[str] = mapped_column(primary_key=True, comment="The entry's name")
    slot: Mapped[int] = mapped_column(
        primary_key=True, comment="How many of its intervals fit between 1970 and then"
    )
    taken_at: Mapped[datetime] = mapped_column(
        server_default=text("now()"), comment="By whom first"
    )


class Shape(Base):
    """One field of what a service tells, and what was seen there: its contract, as learned."""

    __tablename__ = "shapes"
    __table_args__ = (
        Index("ix_shapes_reported_at", "reported_at", postgresql_where="reported_at IS NOT NULL"),
    )
    service: Mapped[str] = mapped_column(primary_key=True, comment="Whose")
    of: Mapped[str] = mapped_column(primary_key=True, comment="event or object type")
    path: Mapped[str] = mapped_column(
        primary_key=True, comment="Such as data.object.items[].price; * is the whole of an object"
    )
    types: Mapped[list[str]] = mapped_column(
        ARRAY(TEXT()), comment="JSON types that were seen there; absent: it may be left out"
    )
    seen: Mapped[int] = mapped_column(server_default=text("0"), comment="In how many bodies it was")
    missed: Mapped[int] = mapped_column(
        server_default=text("0"), comment="In how many bodies in a row it was not there"
    )
    first_seen_at: Mapped[datetime] = mapped_column(server_default=text("now()"), comment="First")
    last_seen_at: Mapped[datetime] = mapped_column(server_default=text("now()"), comment="Last")
    change: Mapped[str | None] = mapped_column(
        comment="new, missing, retyped, or unfit for the service's own library"
    )
    reported_at: Mapped[datetime | None] = mapped_column(comment="When a change was reported last")
