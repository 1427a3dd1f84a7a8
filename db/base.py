"""The declarative base, and the columns that every mirrored row carries.

Tables and columns say what they hold: in the database as comments, in docs/tables.md. A table's
comment is its model's docstring. A mirror's column is the provider's field of the same name, and
its comment names that; where it is another field, or there is more to say, `comment=` says so,
the field first.
"""

import re
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, DateTime, Index, MetaData, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from settings import settings

SCHEMA = settings().stores.database_schema
GREATEST = {"greatest": True}
"""The `info` of a column that holds a fact beside the content: the greatest that was told."""
RESTLESS = {"restless": True}
"""The `info` of a column that moves without the object's own clock or an event: it is no drift."""
REUSED = {"info": {"reused": True}}
"""Among a mirror's `__table_args__`: its ids are used again, newer content lifts a deletion."""
ELSEWHERE = "elsewhere"
"""In `info` among a mirror's `__table_args__`: parts of its JSON that are copies of other objects,
and change with these: they are no drift of its own.
"""


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
    __describes__: ClassVar[str] = ""
    """The provider's name of a row's object, where it is not the model's in lower case."""
    __fetched__: ClassVar[bool] = False
    """Whether the provider can be asked for one object: what is to be fetched is found by index."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        table: Any = cls.__table__
        table.comment = " ".join((cls.__doc__ or "").split())
        if issubclass(cls, Mirrored):
            of = cls.__describes__ or re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
            for column in table.columns:
                column.comment = column.comment or f"{of}.{column.name}"
            if cls.__fetched__:
                _index_to_fetch(table)


def _index_to_fetch(table: Any) -> None:
    """Index the rows that are to be fetched: what was left open, and placeholders.

    No column of these changes with what is told: updates stay within their page of the table.
    """
    for name, column, condition in (
        ("refetch", "refetch_at", "refetch_at IS NOT NULL"),
        ("unknown", "first_seen_at", "refetch_at IS NULL AND source IS NULL"),
    ):
        where = text(f"{condition} AND deleted_at IS NULL")
        Index(f"ix_{table.name}_{name}", table.columns[column], postgresql_where=where)


class Mirrored:
    """What says where a row's content came from and how it compares with another version."""

    data: Mapped[dict[str, Any] | None] = mapped_column(
        comment="The provider's JSON, without what is secret; null in a placeholder"
    )
    clock: Mapped[int] = mapped_column(
        server_default=text("0"),
        comment="What orders versions: the provider's time in milliseconds; 0 in a placeholder",
    )
    content_hash: Mapped[int] = mapped_column(
        server_default=text("0"), comment="Decides between versions with the same clock"
    )
    source: Mapped[str | None] = mapped_column(comment="Where the content came from: webhook")
    last_event_id: Mapped[str | None] = mapped_column(comment="The event that told the content")
    deleted_at: Mapped[datetime | None] = mapped_column(
        comment="When the provider deleted the object; its last content stays", info=GREATEST
    )
    refetch_at: Mapped[datetime | None] = mapped_column(
        comment="Since when the object is to be fetched: what was told leaves it open"
    )
    first_seen_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), comment="When the row was written first"
    )
    written_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), comment="When the row was written last"
    )


class WithMembers:
    """A mirror whose objects have sets of members, which stand in a table of their own."""

    members_version: Mapped[str | None] = mapped_column(
        comment="Which version's members stand: of the whole lists, or else of all, the newest",
        info=GREATEST,
    )
