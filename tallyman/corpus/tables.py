"""What the mirrors hold of what was sent: which columns are filled, which objects are empty."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from db import models
from db.base import GREATEST, Base, Mirrored

_ALL = models.__all__  # all of them are imported


@dataclass(frozen=True, slots=True)
class Filled:
    """A table: how many objects, which columns hold something in one of them, which in none."""

    table: str
    rows: int
    filled: Sequence[str]
    never: Sequence[str]

    @property
    def columns(self) -> int:
        """Return how many columns the table has for what its objects say."""
        return len(self.filled) + len(self.never)

    @property
    def share(self) -> float | None:
        """Return the share of them that hold something; None where there are none."""
        return len(self.filled) / self.columns if self.columns else None


@dataclass(frozen=True, slots=True)
class Empty:
    """An object of which nothing is kept but its id."""

    table: str
    id: str
    event_id: str


def look(url: str, schema: str) -> tuple[list[Filled], list[Empty]]:
    """Return what is filled in each mirror, and the objects of which nothing is.

    Placeholders and tombstones are no objects: nothing was said of them.
    """
    mirrors = sorted(_mirrors(), key=lambda mirror: mirror.table)
    with psycopg.connect(url, options=f"-c search_path={schema}") as asked:
        filled = [_filled(asked, mirror) for mirror in mirrors]
        return filled, [e for mirror in mirrors for e in _empty(asked, mirror)]


@dataclass(frozen=True, slots=True)
class _Mirror:
    """A table, the columns that its service's objects fill, and those of facts beside them."""

    table: str
    columns: Sequence[str]
    facts: Sequence[str]

    @property
    def said(self) -> sql.Composed:
        """Return the condition by which something was said of a row's object."""
        told = sql.SQL(", ").join(map(sql.Identifier, ["data", *self.facts]))
        return sql.SQL("num_nonnulls({}) > 0").format(told)


def _mirrors() -> Iterator[_Mirror]:
    for mapper in Base.registry.mappers:
        if issubclass(mapper.class_, Mirrored):
            table: Any = mapper.local_table
            not_own = _common(mapper.class_) | {c.name for c in table.primary_key}
            own = [c for c in table.columns if c.name not in not_own]
            facts = [c.name for c in own if c.info == GREATEST]
            yield _Mirror(table.name, [c.name for c in own], facts)


def _common(model: type[Any]) -> set[str]:
    """Return the columns that say where a row is from: those of the classes above the model."""
    above = (c for c in model.__mro__ if not issubclass(c, Base) and c not in Base.__mro__)
    return {name for c in above for name in c.__annotations__}


def _filled(asked: psycopg.Connection[Any], mirror: _Mirror) -> Filled:
    columns = mirror.columns
    counted = sql.SQL("SELECT count(*) {} FROM {} WHERE {}").format(
        sql.SQL("").join(sql.SQL(", count({})").format(sql.Identifier(c)) for c in columns),
        sql.Identifier(mirror.table),
        mirror.said,
    )
    rows, *counts = asked.execute(counted).fetchone() or [0]
    filled = [c for c, count in zip(columns, counts, strict=True) if count]
    return Filled(mirror.table, rows, filled, [c for c in columns if c not in filled])


def _empty(asked: psycopg.Connection[Any], mirror: _Mirror) -> Iterator[Empty]:
    if not mirror.columns:
        return
    empty = sql.SQL("SELECT id, last_event_id FROM {} WHERE {} AND num_nonnulls({}) = 0").format(
        sql.Identifier(mirror.table),
        mirror.said,
        sql.SQL(", ").join(map(sql.Identifier, mirror.columns)),
    )
    for id, event_id in asked.execute(empty):
        yield Empty(mirror.table, id, event_id or "")
