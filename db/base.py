"""The declarative base, and the columns that every mirrored row carries."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, MetaData, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from settings import settings

SCHEMA = settings().stores.database_schema


class Base(DeclarativeBase):
    """All tables live in a schema of their own: the database is usually the team's."""

    metadata = MetaData(
        schema=SCHEMA,
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "pk": "pk_%(table_name)s",
        },
    )
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy's own way to declare it
        str: Text(),
        int: BigInteger(),
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
    }


class Mirrored:
    """What says where a row's content came from and how it compares with another version."""

    data: Mapped[dict[str, Any] | None]
    clock: Mapped[int] = mapped_column(server_default=text("0"))
    content_hash: Mapped[int] = mapped_column(server_default=text("0"))
    source: Mapped[str | None]
    last_event_id: Mapped[str | None]
    deleted_at: Mapped[datetime | None]
    refetch_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    written_at: Mapped[datetime] = mapped_column(server_default=func.now())
