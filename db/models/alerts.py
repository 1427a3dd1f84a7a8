"""What was wrong, and who was told."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from db.base import Base

REASON_STATUSES = ("noticed", "passed", "open", "over")
STATES = ("degraded", "silent", "failing")  # the worst last
_LIVES = "status IN ('noticed', 'open')"


class Incident(Base):
    """A trouble of one service that somebody is told of, with all its reasons, until it is over."""

    __tablename__ = "incidents"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES} AND worst IN {STATES}", name="state"),
        Index("ix_incidents_open", "service", postgresql_where="closed_at IS NULL"),
        Index(None, "closed_at"),
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True, comment="Its number")
    service: Mapped[str] = mapped_column(comment="Whose trouble it is")
    code: Mapped[str] = mapped_column(comment="What is wrong: the first reason's code")
    cause: Mapped[str] = mapped_column(server_default="", comment="And that reason's cause")
    state: Mapped[str] = mapped_column(comment="How bad it is: degraded, silent or failing")
    worst: Mapped[str] = mapped_column(comment="How bad it was lately, or when it last alarmed")
    opened_at: Mapped[datetime] = mapped_column(comment="Since when it is told, the last time")
    closed_at: Mapped[datetime | None] = mapped_column(comment="When it was over")
    eased_at: Mapped[datetime | None] = mapped_column(
        comment="Since when it is less bad than it was; null where it is not"
    )
    changed_at: Mapped[datetime] = mapped_column(comment="When its words last became others")
    news: Mapped[int] = mapped_column(
        server_default=text("1"), comment="How often something was to be told of it"
    )
    alarms: Mapped[int] = mapped_column(
        server_default=text("1"), comment="How often that was to alarm: new, worse, or back again"
    )
    returns: Mapped[int] = mapped_column(
        server_default=text("0"), comment="How often it came back soon after it was over"
    )
    reasons: Mapped[list["IncidentReason"]] = relationship(
        back_populates="incident", order_by="IncidentReason.id", passive_deletes=True
    )


class IncidentReason(Base):
    """What is wrong with a service, in one respect, from when it was noticed until it is over."""

    __tablename__ = "incident_reasons"
    __table_args__ = (
        CheckConstraint(f"status IN {REASON_STATUSES}", name="status"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index(
            "uq_incident_reasons_living",
            "service",
            "code",
            "cause",
            unique=True,
            postgresql_where=_LIVES,
        ),
        Index(None, "incident_id"),
        Index("ix_incident_reasons_passed", "gone_at", postgresql_where="status = 'passed'"),
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True, comment="Its number")
    incident_id: Mapped[int | None] = mapped_column(
        ForeignKey(Incident.id, ondelete="CASCADE"),
        comment="What it is part of; null while nobody is told of it",
    )
    service: Mapped[str] = mapped_column(comment="What it is wrong with")
    code: Mapped[str] = mapped_column(comment="What is wrong: dead_letters, breaker_open, ...")
    cause: Mapped[str] = mapped_column(server_default="", comment="Tells it from others alike")
    status: Mapped[str] = mapped_column(
        comment="noticed, passed (it went before anybody was told), open or over"
    )
    state: Mapped[str] = mapped_column(comment="How bad that is: degraded, silent or failing")
    words: Mapped[str] = mapped_column(comment="The same for a person, as it was last")
    look: Mapped[str] = mapped_column(server_default="", comment="The command that shows it")
    mend: Mapped[str] = mapped_column(server_default="", comment="What mends it")
    page: Mapped[str] = mapped_column(server_default="", comment="The console's page on it")
    since: Mapped[datetime | None] = mapped_column(comment="Since when it is so")
    first_seen_at: Mapped[datetime] = mapped_column(comment="When it was noticed")
    last_seen_at: Mapped[datetime] = mapped_column(comment="When it was last so")
    looks: Mapped[int] = mapped_column(
        server_default=text("1"), comment="At how many looks it was so"
    )
    gone_at: Mapped[datetime | None] = mapped_column(comment="Since when it is not so any more")
    incident: Mapped[Incident | None] = relationship(back_populates="reasons")


class IncidentTelling(Base):
    """What a channel was told of an incident, and when it is tried again."""

    __tablename__ = "incident_tellings"
    __table_args__ = (Index(None, "retry_at"),)
    incident_id: Mapped[int] = mapped_column(
        ForeignKey(Incident.id, ondelete="CASCADE"), primary_key=True, comment="Of which incident"
    )
    channel: Mapped[str] = mapped_column(primary_key=True, comment="Who is told: slack, sentry")
    news: Mapped[int] = mapped_column(server_default=text("0"), comment="Up to which news")
    alarms: Mapped[int] = mapped_column(server_default=text("0"), comment="Up to which alarm")
    told_at: Mapped[datetime | None] = mapped_column(comment="When it was told last")
    place: Mapped[str] = mapped_column(
        server_default="", comment="The Slack channel of the message, where it can be changed"
    )
    message: Mapped[str] = mapped_column(server_default="", comment="And the message in it")
    attempts: Mapped[int] = mapped_column(
        server_default=text("0"), comment="How often it was tried, since it last succeeded"
    )
    retry_at: Mapped[datetime] = mapped_column(
        server_default=text("now()"), comment="Not before then"
    )
    error: Mapped[str | None] = mapped_column(comment="Why it did not succeed")
