"""Who was forgotten: that it was done, and how much there was; not who they were."""

from datetime import datetime
from typing import Any

from sqlalchemy import Identity, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class Erasure(Base):
    """One person's data, erased with `tallyman erase`."""

    __tablename__ = "erasures"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True, comment="Their order")
    given: Mapped[str] = mapped_column(
        comment="What named the person: clerk-user, stripe-customer or email"
    )
    by: Mapped[str] = mapped_column(comment="The account on the machine that it was asked from")
    ids: Mapped[list[str]] = mapped_column(
        ARRAY(TEXT()),
        comment="Of each object of the person's the SHA-256 of service:id; no address",
    )
    began_at: Mapped[datetime] = mapped_column(server_default=text("now()"), comment="Asked for")
    finished_at: Mapped[datetime | None] = mapped_column(
        comment="When nothing was left; null where it is to be asked for again"
    )
    counts: Mapped[dict[str, Any]] = mapped_column(
        server_default=text("'{}'"), comment="How much was erased, by kind"
    )
