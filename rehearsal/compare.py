"""Compares the tables with what the services hold, field by field; shares no code with the system.

What they hold lies in a folder, as the simulator's own store wrote it: `<service>/<type>.jsonl`, an
object a line; `<type>.gone.jsonl`, the id of each that was deleted, and when; and `columns.json`,
what every row of the service must say beside that.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from rehearsal.expected import TABLES
from rehearsal.fields import JSON, Table

SHOWN = 10
"""How many differences are shown: ids and fields, no values."""
OURS = frozenset(
    {
        *("id", "data", "clock", "content_hash", "source", "last_event_id", "deleted_at"),
        *("refetch_at", "first_seen_at", "written_at", "members_version"),
        *("account", "livemode", "api_version", "instance_id"),
    }
)
"""Columns that every mirror has, and that no object of a service tells."""
LOGGED = frozenset({"stripe"})
"""Who has a log of events: what was deleted there must have a row here, even if it came and went
between two looks."""
Key = tuple[str, ...]


@dataclass
class Outcome:
    """How many objects there were, and what differs, by table and column; * is the whole row."""

    objects: int = 0
    differences: Counter[tuple[str, str]] = field(default_factory=Counter)
    shown: list[str] = field(default_factory=list)

    def differs(self, table: str, key: Key, column: str, why: str = "") -> None:
        """Count a difference."""
        self.differences[table, column] += 1
        if len(self.shown) < SHOWN:
            self.shown.append(f"{table} {'/'.join(key)}: {column}{why and f' ({why})'}")


@dataclass(frozen=True, slots=True)
class There:
    """What a service holds of one table: rows by key, when what was deleted was, and `columns`."""

    rows: Mapping[Key, JSON]
    gone: Mapping[Key, datetime]
    columns: Mapping[str, object]


def compare(folder: Path, url: str, schema: str = "tallyman") -> Outcome:
    """Return what differs between the folder and the database. Raises psycopg.Error, OSError."""
    outcome = Outcome()
    with psycopg.connect(url) as connection:
        for name, table in TABLES.items():
            there = _there(folder / table.service, table)
            if table.key == ("id",):
                outcome.objects += len(there.rows) + len(there.gone)
            _compare(outcome, name, table, there, _here(connection, schema, name))
    return outcome


def _there(folder: Path, table: Table) -> There:
    rows = (row for obj in _lines(folder / f"{table.of}.jsonl") for row in table.rows(obj))
    gone = _lines(folder / f"{table.of}.gone.jsonl") if table.key == ("id",) else ()
    return There(
        rows={tuple(row[name] for name in table.key): row for row in rows},
        gone={(one["id"],): datetime.fromtimestamp(one["at"], UTC) for one in gone},
        columns=json.loads((folder / "columns.json").read_text()),
    )


def _lines(path: Path) -> Iterator[JSON]:
    if path.exists():
        with path.open() as lines:
            yield from map(json.loads, lines)


def _here(connection: psycopg.Connection[Any], schema: str, name: str) -> Iterator[JSON]:
    """Yield the rows of the table, a few at a time."""
    query = sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, name))
    with connection.cursor(f"of_{name}", row_factory=dict_row) as cursor:
        yield from cursor.execute(query)


def _compare(outcome: Outcome, name: str, table: Table, there: There, here: Iterator[JSON]) -> None:
    seen, values = set[Key](), table.values()
    for row in here:
        key = tuple(row[column] for column in table.key)
        seen.add(key)
        if key in there.gone:
            _gone(outcome, name, key, row, there.gone[key])
        elif key in there.rows:
            obj = there.rows[key]
            expected = {column: value(obj) for column, value in values.items()}
            expected |= {"deleted_at": None, "data": _kept(obj, table.secret), **there.columns}
            _row(outcome, name, key, row, expected)
        else:
            outcome.differs(name, key, "*", "no such object there")
    missing = there.rows.keys() - seen
    if table.service in LOGGED:
        missing |= there.gone.keys() - seen
    for key in sorted(missing):
        outcome.differs(name, key, "*", "no row here")


def _gone(outcome: Outcome, name: str, key: Key, row: JSON, at: datetime) -> None:
    if row["deleted_at"] is None or row["deleted_at"] < at:
        outcome.differs(name, key, "deleted_at", "deleted there")


def _row(outcome: Outcome, name: str, key: Key, row: JSON, expected: JSON) -> None:
    for column, value in expected.items():
        if row[column] != value:
            outcome.differs(name, key, column)
    for column in row.keys() - expected.keys() - OURS:
        outcome.differs(name, key, column, "nobody says what it must be")


def _kept(value: Any, secret: frozenset[str]) -> Any:
    """Return the value without the fields that may not be kept, however deep."""
    if not secret:
        return value
    if isinstance(value, dict):
        return {k: _kept(inner, secret) for k, inner in value.items() if k not in secret}
    return [_kept(inner, secret) for inner in value] if isinstance(value, list) else value
