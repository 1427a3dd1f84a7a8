"""Write what objects became: one statement a table, in which the greatest version of a row wins.

Versions compare by (clock, content hash, event id); the same statement folds a batch and settles
against the table, so any order and any batches end in the same rows. A placeholder and a bare
tombstone are versions with clock 0, which never win over content.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import Table
from sqlalchemy.orm import Session

from integrations.interface import Members, Row, Snapshot
from integrations.schema import dump
from worker import statements
from worker.arrays import array

Projected = tuple[Snapshot, Sequence[Row | Members]]
Record = tuple[Any, ...]
Key = tuple[str, ...]


class Touched(NamedTuple):
    """A row as it stands after the write.

    `event_id` says which event's content it shows, `members` which version's members, `latest`
    when the last of what it tells beside the content happened.
    """

    table: str
    key: Key
    event_id: str | None
    deleted_at: datetime | None
    latest: datetime | None
    members: str | None


def upsert(session: Session, projected: Iterable[Projected]) -> set[Touched]:
    """Write all rows in one fixed order of tables and keys; return those that were touched.

    Sets are replaced only where their parent says that their version's members are to stand: the
    newest's, but never those of a list cut short for a whole one. The parent's lock guards them.
    """
    rows: dict[Table, dict[Record, None]] = {}  # ordered sets: most placeholders come often
    sets: list[tuple[Snapshot, Members, str | None]] = []
    for snapshot, parts in projected:
        version = None
        for part in parts:
            if isinstance(part, Row):
                table = part.model.__table__
                record = _record(table, snapshot, part)
                rows.setdefault(table, {})[record] = None
                version = version or _members_version(table, record)
        sets += [(snapshot, part, version) for part in parts if isinstance(part, Members)]
    touched = {
        row
        for table in sorted(rows, key=lambda t: t.name)
        for row in _write(session, table, rows[table])
    }
    _replace(session, sets, touched)
    return touched


def _write(session: Session, table: Table, records: Iterable[Record]) -> list[Touched]:
    found = session.execute(statements.upsert(table), _arrays(table, records))
    return [
        Touched(table.name, tuple(key), event_id, gone_at, latest, version)
        for *key, event_id, gone_at, latest, version in found
    ]


def _replace(
    session: Session, sets: Iterable[tuple[Snapshot, Members, str | None]], touched: set[Touched]
) -> None:
    winners = {(row.key, row.members) for row in touched if row.members}
    replaced: dict[Table, dict[Key, list[Record]]] = {}  # one version may be told twice
    for snapshot, members, version in sets:
        table = members.model.__table__
        parent = _parent(table, snapshot, members)
        if (parent, version) in winners:
            records = _members(table, snapshot, members)
            replaced.setdefault(table, {})[parent] = records
    for table in sorted(replaced, key=lambda t: t.name):
        _rewrite(session, table, sorted(replaced[table].items()))


def _rewrite(session: Session, table: Table, sets: Sequence[tuple[Key, list[Record]]]) -> None:
    parents = zip(*(parent for parent, _ in sets), strict=True)
    columns = {f"k{i}": array(column) for i, column in enumerate(parents)}
    session.execute(statements.delete(table), columns)
    if records := [record for _, members in sets for record in members]:
        session.execute(statements.insert(table), _arrays(table, records))


def _parent(table: Table, snapshot: Snapshot, members: Members) -> Key:
    return tuple(
        members.parent if name == members.column else snapshot.columns[name]
        for name in statements.key(table)[:-1]
    )


def _members(table: Table, snapshot: Snapshot, members: Members) -> list[Record]:
    """Return the records of a set, each id once."""
    parent = {members.column: members.parent}
    return list({r.id: _record(table, snapshot, r, parent) for r in members.rows}.values())


def _record(
    table: Table, snapshot: Snapshot, row: Row, parent: dict[str, str] | None = None
) -> Record:
    """Return the values of a row in the order in which the statements are given them."""
    values: dict[str, Any] = {"id": row.id, **(parent or {}), "deleted_at": snapshot.gone_at}
    if isinstance(row.of, str):
        said = {**snapshot.columns, **row.values}
        told = {*statements.key(table), *statements.facts(table)} & said.keys()
        values |= {"clock": 0, "content_hash": 0} | {name: said[name] for name in told}
    else:
        content = row.of.content
        values |= {
            **snapshot.columns,
            **row.values,
            "data": content,
            "clock": snapshot.clock,
            "content_hash": (hash := content_hash(content)),
            "source": snapshot.source,
            "last_event_id": snapshot.event_id,
            "refetch_at": None if row.whole else statements.due(snapshot.clock),
        }
        if statements.has_members(table):
            values["members_version"] = _version(snapshot, hash, whole=row.whole)
    for name in statements.documents(table):
        if not isinstance(value := values.get(name), str | None):
            values[name] = dump(value)
    return tuple(map(values.get, statements.given(table)))


def _members_version(table: Table, record: Record) -> str | None:
    if not statements.has_members(table):
        return None
    version: str | None = record[statements.given(table).index("members_version")]
    return version


def _version(snapshot: Snapshot, hash: int, *, whole: bool) -> str:
    """Return the version of an object's members, as text that sorts as versions compare."""
    return f"{whole:d} {snapshot.clock:019d} {hash + 2**63:020d} {snapshot.event_id or ''}"


def content_hash(content: str) -> int:
    """Return what decides between versions with the same clock."""
    digest = blake2b(content.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _arrays(table: Table, records: Iterable[Record]) -> dict[str, str]:
    columns = zip(*records, strict=True)
    return dict(zip(statements.given(table), map(array, columns), strict=True))
