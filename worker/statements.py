"""The statements by which rows are written. The version rule stands here, once.

Each takes one array a column, so that it is the same for any batch and any number of rows.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Column, DateTime, Dialect, Table, Text, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB

from integrations.schema import LATEST

OURS = frozenset({"first_seen_at", "written_at"})  # the database fills them in
_WINS = (
    "excluded.clock > 0 AND "
    '(excluded.clock, excluded.content_hash, excluded.last_event_id COLLATE "C") >= '
    "(kept.clock, kept.content_hash, coalesce(kept.last_event_id, '') COLLATE \"C\")"
)
_DIALECT: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # untyped there
# ... with the row, or with another version in the batch (or is told again, and is not whole)
_TIED = (
    "excluded.clock > 0 AND excluded.clock = kept.clock "
    "AND (excluded.content_hash <> kept.content_hash OR excluded.refetch_at IS NOT NULL)"
)
# A second behind the version that could not be settled: a fetch is newer only after that.
_DUE = f"to_timestamp(least({{0}}.clock / 1000 + 1, {LATEST // 1000}))"


@cache
def key(table: Table) -> tuple[str, ...]:
    """Return the key's columns; `id` is always the last."""
    return tuple(column.name for column in table.primary_key.columns)


@cache
def _columns(table: Table) -> tuple[Column[Any], ...]:
    return tuple(c for c in table.columns if c.name not in OURS and c.computed is None)


@cache
def facts(table: Table) -> tuple[str, ...]:
    """Return the columns with facts beside the content: the greatest stands, in any order."""
    return tuple(c.name for c in _columns(table) if c.info.get("greatest"))


def has_members(table: Table) -> bool:
    """Return whether the objects in a table have sets of members."""
    return "members_version" in table.columns


def reused(table: Table) -> bool:
    """Return whether ids in a table are used again, so that newer content lifts a deletion."""
    return bool(table.info.get("reused"))


def due(clock: int) -> datetime:
    """Return when to fetch an object whose version of that clock is not whole: as `_DUE`."""
    return datetime.fromtimestamp(min(clock // 1000 + 1, LATEST // 1000), UTC)


@cache
def given(table: Table) -> tuple[str, ...]:
    """Return the columns that a statement is given."""
    return tuple(c.name for c in _columns(table))


@cache
def documents(table: Table) -> tuple[str, ...]:
    """Return the columns that are given as JSON."""
    return tuple(c.name for c in _columns(table) if isinstance(c.type, JSONB))


def _type(column: Column[Any]) -> str:
    return "TEXT" if isinstance(column.type, JSONB) else column.type.compile(_DIALECT)


def _unnest(columns: Iterable[Column[Any]]) -> str:
    """Return a table expression over one array a column: a statement is the same for any batch."""
    listed = list(columns)
    arrays = ", ".join(f"CAST(:{c.name} AS {_type(c)}[])" for c in listed)
    return f"unnest({arrays}) AS given({', '.join(c.name for c in listed)})"


def _select(columns: Iterable[Column[Any]]) -> str:
    return ", ".join(
        f"CAST({c.name} AS jsonb) AS {c.name}" if isinstance(c.type, JSONB) else c.name
        for c in columns
    )


def _fold(table: Table) -> str:
    """Return how the columns of the winner in a batch are chosen, but for `refetch_at`."""
    beside = {*facts(table), "refetch_at"}
    plain = [_select(c for c in _columns(table) if c.name not in beside)]
    of_all = f"OVER (PARTITION BY {', '.join(key(table))})"
    newest = f"max(clock) {of_all}"
    folded = (
        f"{_unlifted(table, name, f'max({_sortable(table, name)}) {of_all}', newest)} AS {name}"
        for name in facts(table)
    )
    return ", ".join([*plain, *folded])


def _sortable(table: Table, name: str, of: str = "") -> str:
    """Return a fact's column so that all databases sort it alike."""
    return f"{of}{name}" + (' COLLATE "C"' if isinstance(table.columns[name].type, Text) else "")


def _greatest(table: Table, name: str) -> str:
    greatest = f"greatest({_sortable(table, name, 'kept.')}, excluded.{name})"
    return _unlifted(table, name, greatest, "greatest(kept.clock, excluded.clock)")


def _unlifted(table: Table, name: str, fact: str, clock: str) -> str:
    """Return the fact; where ids are used again, no deletion than which content is newer.

    What was lifted may be forgotten: no older content can win any more.
    """
    if name != "deleted_at" or not reused(table):
        return fact
    return f"CASE WHEN extract(epoch FROM {fact}) * 1000 >= {clock} THEN {fact} END"


def _choice(name: str) -> str:
    return f"{name} = CASE WHEN {_WINS} THEN excluded.{name} ELSE kept.{name} END"


def _latest(table: Table) -> str:
    """Return the latest of a row's facts that are times."""
    times = [name for name in facts(table) if isinstance(table.columns[name].type, DateTime)]
    return f"greatest({', '.join(f'kept.{name}' for name in times)})"


@cache
def upsert(table: Table) -> TextClause:
    """Return the statement that folds a batch and writes what wins; it returns what it touched."""
    columns, keys = _columns(table), ", ".join(key(table))
    names = ", ".join(c.name for c in columns if c.name != "refetch_at")
    apart = {*key(table), *facts(table), "refetch_at"}
    chosen = ", ".join(
        [_choice(c.name) for c in columns if c.name not in apart]
        + [f"{name} = {_greatest(table, name)}" for name in facts(table)]
    )
    greater = " OR ".join(
        f"{_greatest(table, name)} IS DISTINCT FROM kept.{name}" for name in facts(table)
    )
    members = has_members(table)
    return text(f"""
        WITH newest AS (
            SELECT DISTINCT ON ({keys}) {_fold(table)},
                CASE WHEN clock > 0 AND min(content_hash) OVER version
                    <> max(content_hash) OVER version THEN {_DUE.format("given")}
                    ELSE refetch_at END AS refetch_at
            FROM {_unnest(columns)}
            WINDOW version AS (PARTITION BY {keys}, clock)
            ORDER BY {keys}, clock DESC, content_hash DESC,
                last_event_id COLLATE "C" DESC NULLS LAST
        )
        INSERT INTO {table.fullname} AS kept ({names}, refetch_at)
        SELECT {names}, refetch_at FROM newest ORDER BY {keys}
        ON CONFLICT ({keys}) DO UPDATE SET {chosen},
            refetch_at = CASE
                WHEN excluded.clock > kept.clock THEN excluded.refetch_at
                WHEN {_TIED} THEN {_DUE.format("kept")}
                ELSE kept.refetch_at END,
            written_at = now()
        WHERE ({_WINS}) OR ({_TIED}) OR {greater}
        RETURNING {", ".join(f"kept.{name}" for name in key(table))},
            kept.last_event_id, kept.deleted_at, {_latest(table)},
            {"kept.members_version" if members else "NULL"}
    """)  # noqa: S608  names of our own tables and columns


@cache
def insert(table: Table) -> TextClause:
    """Return the statement that adds members of sets whose place was emptied before."""
    columns = _columns(table)
    return text(f"""
        INSERT INTO {table.fullname} ({", ".join(c.name for c in columns)})
        SELECT {_select(columns)} FROM {_unnest(columns)}
    """)  # noqa: S608  names of our own tables and columns


@cache
def delete(table: Table) -> TextClause:
    """Return the statement that empties the sets of the parents k0, k1 ... (a column each)."""
    parent = key(table)[:-1]
    arrays = ", ".join(f"CAST(:k{i} AS text[])" for i in range(len(parent)))
    same = " AND ".join(f"kept.{name} = gone.{name}" for name in parent)
    return text(f"""
        DELETE FROM {table.fullname} AS kept
        USING unnest({arrays}) AS gone({", ".join(parent)}) WHERE {same}
    """)  # noqa: S608  names of our own tables and columns
