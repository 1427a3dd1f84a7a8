"""The checker: reads tables and says what is wrong in them.

It imports nothing of the product, so that no defect of it can hide here: what stands is compared
as the JSON that Postgres makes of whole rows.
"""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

JSON = Any
Row = Mapping[str, JSON]
Key = tuple[str, str, str]
"""Table, the parent whose set the row belongs to ('' for an object's own row), id."""
Rows = Mapping[Key, Row]

NOT_COMPARED = ("first_seen_at", "written_at")


@dataclass(frozen=True, slots=True)
class Content:
    """An object's JSON, and the members that it carries: by their table, then by their id."""

    data: JSON
    members: Mapping[str, Mapping[str, JSON]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expected:
    """What must stand of one object.

    `versions` are the contents of its greatest `clock` (in milliseconds): several are a tie, none
    is an object that was only mentioned, or only deleted. `truth` is what the provider says at
    last. `deleted_at`: Unix seconds.
    """

    table: str
    id: str
    versions: Sequence[Content] = ()
    clock: int = 0
    truth: Content | None = None
    deleted_at: int | None = None

    @property
    def key(self) -> Key:
        """Return the key of the object's row."""
        return self.table, "", self.id


def read(
    connection: psycopg.Connection[Any], schema: str, tables: Mapping[str, str | None], mark: str
) -> dict[str, Rows]:
    """Return the rows by the copy of the story that they are of: the digits behind the mark.

    Its own digits are taken out of each row; all copies have equally many. `tables`: the column
    that names the parent, where the rows are members of a set. Rows of no copy are under "",
    whole; what is there twice (of two accounts) is too many.
    """
    found: dict[str, dict[Key, Row]] = defaultdict(dict)
    for table, parent in tables.items():
        for id, text in connection.execute(_whole_rows(schema, table)):
            digits = re.search(f"(?<={mark})[0-9]+", id)
            copy = digits.group() if digits else ""
            row = json.loads(text.replace(f"{mark}{copy}", mark))
            key = table, str(row[parent]) if parent else "", row["id"]
            found[copy][(*key[:2], f"{key[2]} again") if key in found[copy] else key] = row
    return dict(found)


def strays(
    rows: Mapping[str, Rows], copies: Collection[str], common: Collection[Key]
) -> Iterator[str]:
    """Yield the rows that are of none of the copies; `common` are those which all may share."""
    for copy in sorted(rows.keys() - set(copies)):
        for key in sorted(rows[copy].keys() - (set() if copy else set(common))):
            yield f"{_named(key)} is of no copy{copy and f', but of {copy}'}"


def _whole_rows(schema: str, table: str) -> sql.Composed:
    rows = "SELECT id, (to_jsonb(kept) - {}::text[])::text FROM {} AS kept"
    return sql.SQL(rows).format(sql.Literal(list(NOT_COMPARED)), sql.Identifier(schema, table))


def differences(rows: Rows, natural: Rows) -> Iterator[str]:
    """Yield in which rows and columns two copies of a story differ."""
    for key in sorted(rows.keys() | natural.keys()):
        here, there = rows.get(key), natural.get(key)
        if here is None or there is None:
            yield f"{_named(key)} is {'missing' if here is None else 'too many'}"
        elif not same(here, there):
            yield from _columns(_named(key), here, there)


def _columns(name: str, here: Row, there: Row) -> Iterator[str]:
    for column in sorted(here.keys() | there.keys()):
        if not same(here.get(column), there.get(column)):
            yield f"{name}.{column} is {apart(here.get(column), there.get(column))}"


def wrong(
    rows: Rows,
    expected: Sequence[Expected],
    *,
    fetched: bool = False,
    listed: Collection[Key] = (),
) -> Iterator[str]:
    """Yield what is not as the provider's own story says.

    `fetched`: ties were fetched again. `listed` are objects that were listed as they are at last.
    """
    known: set[Key] = set()
    for object in expected:
        known.add(object.key)
        row = rows.get(object.key)
        if row is None:
            yield f"{_named(object.key)} is missing"
            continue
        asked = object.key in listed or (fetched and len(object.versions) > 1)
        settled = asked and row["deleted_at"] is None
        yield from _wrong_row(row, object, settled=settled)
        content = _standing(row, _contents(object, settled=settled))
        if content is not None:
            known |= _member_keys(object, content)
            yield from _wrong_members(rows, object, content)
    for key in sorted(rows.keys() - known):
        yield f"{_named(key)} is nobody's"


def _contents(object: Expected, *, settled: bool) -> Sequence[Content]:
    """Return the contents that may stand."""
    return [object.truth] if settled and object.truth else object.versions


def _wrong_row(row: Row, object: Expected, *, settled: bool) -> Iterator[str]:
    contents, tied = _contents(object, settled=settled), len(object.versions) > 1
    name = _named(object.key)
    if contents and _standing(row, contents) is None:
        yield f"{name}.data is {apart(row['data'], contents[-1].data)}"
    if not contents and (row["data"] is not None or row["last_event_id"] is not None):
        yield f"{name} has content, though none was told"
    if _seconds(row["deleted_at"]) != object.deleted_at:
        yield f"{name}.deleted_at is {row['deleted_at']}, not {object.deleted_at}"
    if (row["refetch_at"] is not None) != (tied and not settled):
        yield f"{name}.refetch_at is {row['refetch_at']}, {'' if tied else 'not '}after a tie"
    if row["clock"] != object.clock and not settled:
        yield f"{name}.clock is {row['clock']}, not {object.clock}"


def _standing(row: Row, contents: Iterable[Content]) -> Content | None:
    return next((content for content in contents if same(content.data, row["data"])), None)


def _member_keys(object: Expected, content: Content) -> set[Key]:
    return {(table, object.id, id) for table, members in content.members.items() for id in members}


def _wrong_members(rows: Rows, object: Expected, content: Content) -> Iterator[str]:
    """Yield which members are not those of the content that stands; `wrong` sees the others."""
    for table, members in content.members.items():
        for id, data in members.items():
            row = rows.get((table, object.id, id))
            if row is None:
                yield f"{_named((table, object.id, id))} is missing"
            elif not same(row["data"], data):
                yield f"{_named((table, object.id, id))}.data is of another version"


def same(a: JSON, b: JSON) -> bool:
    """Return whether two values are the same JSON; True is not 1."""
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def apart(here: JSON, there: JSON) -> str:
    """Return both values, of objects only the fields in which they differ."""
    if isinstance(here, dict) and isinstance(there, dict):
        names = {n for n in here.keys() | there.keys() if not same(here.get(n), there.get(n))}
        here, there = ({n: v for n, v in side.items() if n in names} for side in (here, there))
    return f"{_short(here)}, not {_short(there)}"


def _seconds(moment: str | None) -> float | None:
    return None if moment is None else datetime.fromisoformat(moment).timestamp()


def _named(key: Key) -> str:
    table, parent, id = key
    return f"{table} {f'{parent}/' if parent else ''}{id}"


def _short(value: JSON) -> str:
    text = json.dumps(value, sort_keys=True)
    return text if len(text) <= 200 else f"{text[:200]}..."
