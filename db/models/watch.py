"""What the ledger's history looks like, so that nobody has to count a million rows for it."""

from datetime import datetime

from sqlalchemy import Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base

QUARTER = 900
"""Seconds of a slot; slot 0 begins with 1970."""


class EventQuarter(Base):
    """How many events of a type came in within a quarter of an hour that is over."""

    __tablename__ = "event_quarters"
    service: Mapped[str] = mapped_column(primary_key=True, comment="As events.service")
    type: Mapped[str] = mapped_column(
        primary_key=True, comment="As events.type; '' counts all of the service's together"
    )
    slot: Mapped[int] = mapped_column(
        Integer, primary_key=True, autoincrement=False, comment="900 s each, from 1970"
    )
    events: Mapped[int] = mapped_column(Integer, comment="How many came in")
    failed: Mapped[int] = mapped_column(
        Integer, server_default=text("0"), comment="Those of them that failed when it was over"
    )
    last_at: Mapped[datetime] = mapped_column(comment="When the last of them came in")
