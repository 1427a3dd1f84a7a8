"""What people did in the console."""

from datetime import datetime

from sqlalchemy import Identity, func
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class ConsoleAction(Base):
    """One action of a person in the console, or one look at personal values."""

    __tablename__ = "console_actions"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True, comment="Their order")
    at: Mapped[datetime] = mapped_column(server_default=func.now(), comment="When it was asked for")
    by: Mapped[str] = mapped_column(comment="The user who was signed in")
    address: Mapped[str] = mapped_column(comment="The address that the request came from")
    action: Mapped[str] = mapped_column(comment="login, logout, reveal, redrive, pause ...")
    service: Mapped[str] = mapped_column(comment="The service or target it was about; '' for none")
    target: Mapped[str] = mapped_column(comment="What it was done to: an id, or which were meant")
    count: Mapped[int | None] = mapped_column(comment="To how many it was done, where known")
    page: Mapped[str] = mapped_column(comment="The path that was asked for")
