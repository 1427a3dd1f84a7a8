"""Go through a table from one end to the other, a batch and a transaction at a time."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Select, Table, Text, and_, cast, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from db.session import transaction
from worker import statements

BATCH = 500  # rows: their bodies are in memory


def texts(table: Table) -> list[Column[Any]]:
    """Return the columns that may say anything."""
    return [c for c in table.columns if isinstance(c.type, Text | JSONB) and c.computed is None]


def walk(table: Table, columns: Sequence[Column[Any]]) -> Iterator[Sequence[Row[Any]]]:
    """Yield all rows by their key, with these columns after it; JSON as text.

    By the key, so that a row is not missed because somebody writes it meanwhile. A new one may be,
    where its key is before what was read.
    """
    keys = _keys(table)
    query, last = _query(table, columns).limit(BATCH), None
    while True:
        with transaction() as session:
            found = session.execute(query if last is None else query.where(last)).all()
        if found:
            yield found
        if len(found) < BATCH:
            return
        last = tuple_(*keys) > tuple_(*found[-1][: len(keys)])


def locked(
    session: Session, table: Table, columns: Sequence[Column[Any]], rows: Sequence[Row[Any]]
) -> Sequence[Row[Any]]:
    """Return these rows as they are now, as `walk` yields them; nobody else writes them then."""
    keys = _keys(table)
    same = tuple_(*keys).in_([tuple(row[: len(keys)]) for row in rows])
    return session.execute(_query(table, columns).where(same).with_for_update()).all()


def _keys(table: Table) -> list[Column[Any]]:
    return [table.c[name] for name in statements.key(table)]


def _query(table: Table, columns: Sequence[Column[Any]]) -> Select[Any]:
    shown = [cast(c, Text).label(c.name) if isinstance(c.type, JSONB) else c for c in columns]
    keys = _keys(table)
    more = (c for c in shown if c.name not in statements.key(table))
    return select(*keys, *more).order_by(*keys)


def key_of(table: Table, row: Row[Any]) -> ColumnElement[bool]:
    """Return the condition that it is this row."""
    return and_(*(table.c[name] == getattr(row, name) for name in statements.key(table)))
