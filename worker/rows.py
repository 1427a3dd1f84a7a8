"""Write what objects became: one statement a table, in which the greatest version of a row wins.

Versions compare by (clock, content hash, event id); the same statement folds a batch and settles
against the table, so any order and any batches end in the same rows. A placeholder and a bare
tombstone are versions with clock 0, which never win over content.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import Column, Dialect, Table, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from integrations.interface import Members, Row, Snapshot
from integrations.schema import dump
from worker.arrays import array

Projected = tuple[Snapshot, Sequence[Row | Members]]
Record = tuple[Any, ...]

OURS = frozenset({"first_seen_at", "written_at"})  # the database fills them in
_WINS = (
    "excluded.clock > 0 AND "
    '(excluded.clock, excluded.content_hash, excluded.last_event_id COLLATE "C") >= '
    "(kept.clock, kept.content_hash, coalesce(kept.last_event_id, '') COLLATE \"C\")"
)
_DIALECT: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # untyped there
# ... with the row, or with another version in the batch
_TIED = (
    "excluded.clock > 0 AND excluded.clock = kept.clock "
    "AND (excluded.content_hash <> kept.content_hash OR excluded.refetch_at IS NOT NULL)"
)
# A second behind the version that could not be settled: a fetch is newer only after that.
_DUE = "to_timestamp({0}.clock / 1000 + 1)"


class Won(NamedTuple):
    """A row as it stands after the write: its table, key, and the event whose content it shows."""

    table: str
    key: tuple[str, ...]
    event_id: str | None


def upsert(session: Session, projected: Iterable[Projected]) -> set[Won]:
    """Write all rows in one fixed order of tables and keys; return those that were touched.

    Sets are replaced only where their parent's version won: the parent's lock guards them.
    """
    rows: dict[Table, dict[Record, None]] = {}  # ordered sets: most placeholders come often
    sets: list[tuple[Snapshot, Members]] = []
    for snapshot, parts in projected:
        for part in parts:
            if isinstance(part, Members):
                sets.append((snapshot, part))
            else:
                table = part.model.__table__
                rows.setdefault(table, {})[_record(table, snapshot, part)] = None
    touched = {
        won
        for table in sorted(rows, key=lambda t: t.name)
        for won in _write(session, table, rows[table])
    }
    _replace(session, sets, touched)
    return touched


def _write(session: Session, table: Table, records: Iterable[Record]) -> list[Won]:
    found = session.execute(_upsert_sql(table), _arrays(table, records))
    return [Won(table.name, tuple(key), event_id) for *key, event_id in found]


def _replace(session: Session, sets: list[tuple[Snapshot, Members]], touched: set[Won]) -> None:
    winners = {(won.key, won.event_id) for won in touched}
    members: dict[Table, list[tuple[tuple[str, ...], list[Record]]]] = {}
    for snapshot, part in sets:
        table = part.model.__table__
        parent = _parent_key(table, snapshot, part)
        if (parent, snapshot.event_id) in winners:
            folded = {
                r.id: _record(table, snapshot, r, {part.column: part.parent}) for r in part.rows
            }
            members.setdefault(table, []).append((parent, list(folded.values())))
    for table in sorted(members, key=lambda t: t.name):
        ordered = sorted(members[table])
        keys = zip(*(parent for parent, _ in ordered), strict=True)
        delete = {f"k{i}": array(column) for i, column in enumerate(keys)}
        session.execute(_delete_sql(table), delete)
        if records := [record for _, replaced in ordered for record in replaced]:
            session.execute(_insert_sql(table), _arrays(table, records))


def _parent_key(table: Table, snapshot: Snapshot, part: Members) -> tuple[str, ...]:
    return tuple(
        part.parent if name == part.column else snapshot.columns[name] for name in _key(table)[:-1]
    )


def _record(
    table: Table, snapshot: Snapshot, row: Row, parent: dict[str, str] | None = None
) -> Record:
    """Return the values of a row in the order of `_given`."""
    values: dict[str, Any] = {"id": row.id, **(parent or {}), "deleted_at": snapshot.gone_at}
    if isinstance(row.of, str):
        keys = {name: snapshot.columns[name] for name in _key(table) if name in snapshot.columns}
        values |= keys | {"clock": 0, "content_hash": 0}
    else:
        content = dump(row.of.raw)
        values |= {
            **snapshot.columns,
            **row.values,
            "data": content,
            "clock": snapshot.clock,
            "content_hash": _hash(content),
            "source": snapshot.source,
            "last_event_id": snapshot.event_id,
        }
    return tuple(adapt(values.get(name)) for name, adapt in _given(table))


def _hash(content: str) -> int:
    digest = blake2b(content.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _arrays(table: Table, records: Iterable[Record]) -> dict[str, str]:
    names = (name for name, _ in _given(table))
    return {
        name: array(column) for name, column in zip(names, zip(*records, strict=True), strict=True)
    }


@cache
def _key(table: Table) -> tuple[str, ...]:
    """Return the key's columns; `id` is always the last."""
    return tuple(column.name for column in table.primary_key.columns)


@cache
def _columns(table: Table) -> tuple[Column[Any], ...]:
    return tuple(c for c in table.columns if c.name not in OURS | {"refetch_at"})


def _as_json(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else dump(value)


def _as_is(value: Any) -> Any:
    return value


@cache
def _given(table: Table) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """Return the columns that a statement is given, with how a value is handed over."""
    return tuple(
        (c.name, _as_json if isinstance(c.type, JSONB) else _as_is) for c in _columns(table)
    )


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


@cache
def _upsert_sql(table: Table) -> TextClause:
    columns, key = _columns(table), ", ".join(_key(table))
    names = ", ".join(c.name for c in columns)
    content = [c.name for c in columns if c.name not in {*_key(table), "deleted_at"}]
    chosen = ", ".join(
        f"{name} = CASE WHEN {_WINS} THEN excluded.{name} ELSE kept.{name} END" for name in content
    )
    return text(f"""
        WITH newest AS (
            SELECT DISTINCT ON ({key}) {_select(c for c in columns if c.name != "deleted_at")},
                max(deleted_at) OVER (PARTITION BY {key}) AS deleted_at,
                CASE WHEN clock > 0 AND min(content_hash) OVER version
                    <> max(content_hash) OVER version THEN {_DUE.format("given")} END AS refetch_at
            FROM {_unnest(columns)}
            WINDOW version AS (PARTITION BY {key}, clock)
            ORDER BY {key}, clock DESC, content_hash DESC, last_event_id COLLATE "C" DESC NULLS LAST
        )
        INSERT INTO {table.fullname} AS kept ({names}, refetch_at)
        SELECT {names}, refetch_at FROM newest ORDER BY {key}
        ON CONFLICT ({key}) DO UPDATE SET {chosen},
            deleted_at = greatest(kept.deleted_at, excluded.deleted_at),
            refetch_at = CASE
                WHEN excluded.clock > kept.clock THEN excluded.refetch_at
                WHEN {_TIED} THEN {_DUE.format("kept")}
                ELSE kept.refetch_at END,
            written_at = now()
        WHERE ({_WINS}) OR ({_TIED}) OR excluded.deleted_at > coalesce(kept.deleted_at, '-infinity')
        RETURNING {", ".join(f"kept.{name}" for name in _key(table))}, kept.last_event_id
    """)  # noqa: S608  names of our own tables and columns


@cache
def _insert_sql(table: Table) -> TextClause:
    columns = _columns(table)
    return text(f"""
        INSERT INTO {table.fullname} ({", ".join(c.name for c in columns)})
        SELECT {_select(columns)} FROM {_unnest(columns)}
    """)  # noqa: S608  names of our own tables and columns


@cache
def _delete_sql(table: Table) -> TextClause:
    parent = _key(table)[:-1]
    arrays = ", ".join(f"CAST(:k{i} AS text[])" for i in range(len(parent)))
    same = " AND ".join(f"kept.{name} = gone.{name}" for name in parent)
    return text(f"""
        DELETE FROM {table.fullname} AS kept
        USING unnest({arrays}) AS gone({", ".join(parent)}) WHERE {same}
    """)  # noqa: S608  names of our own tables and columns
