"""What stands in the tables for objects: their rows, and the sets that belong to them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Label, Select, Table, literal_column, select
from sqlalchemy.orm import Session

from integrations.interface import Members, Row, Snapshot
from worker import statements

Values = Mapping[str, Any]
Projected = tuple[Snapshot, Sequence[Row | Members]]
_VERSION: Label[str] = literal_column("CAST(xmin AS text)").label("row_version")


@dataclass(frozen=True, slots=True)
class Kept:
    """A row as it stands, and its members by table and id.

    `version` is another after every write of the row, by whomever: Postgres' own xmin.
    """

    values: Values
    version: str
    members: Mapping[str, Mapping[str, Values]] = field(default_factory=dict)

    @property
    def clock(self) -> int:
        """Return the entity's clock, 0 without content."""
        return cast("int", self.values["clock"])

    @property
    def deleted_at(self) -> datetime | None:
        """Return when the object was deleted, None while it stands."""
        return cast("datetime | None", self.values["deleted_at"])


def read(session: Session, projected: Sequence[Projected]) -> dict[str, Kept]:
    """Return what is kept of the objects, by their ids. All are of one type and one account."""
    if not projected:
        return {}
    snapshot, parts = projected[0]
    table: Table = own(parts).model.__table__
    rows = _found(session, table, snapshot, [own(parts).id for _, parts in projected])
    sets = _members(session, projected)
    return {
        row["id"]: Kept(row, row["row_version"], sets.get(row["id"], {})) for row in map(dict, rows)
    }


def _found(
    session: Session, table: Table, snapshot: Snapshot, ids: Iterable[str], column: str = "id"
) -> Sequence[Any]:
    query = select(*table.columns, _VERSION).where(table.c[column].in_(list(ids)))
    return session.execute(of_account(query, table, snapshot.columns)).mappings().all()


def of_account(query: Select[Any], table: Table, columns: Values) -> Select[Any]:
    """Return the query for the rows of one account, where the table's key has accounts."""
    if "account" not in statements.key(table):
        return query
    return query.where(table.c.account == columns["account"])


def _members(
    session: Session, projected: Sequence[Projected]
) -> dict[str, dict[str, dict[str, Values]]]:
    """Return the sets by parent, table and member's id."""
    told = [(s, part) for s, parts in projected for part in parts if isinstance(part, Members)]
    found: dict[str, dict[str, dict[str, Values]]] = {}
    for table, column in {(m.model.__table__, m.column) for _, m in told}:
        parents = [m.parent for _, m in told if m.model.__table__ is table]
        for row in map(dict, _found(session, table, told[0][0], parents, column)):
            sets = found.setdefault(row[column], {})
            sets.setdefault(table.name, {})[row["id"]] = row
    return found


def own(parts: Sequence[Row | Members]) -> Row:
    """Return the object's own row, the first of its projection."""
    return cast("Row", parts[0])
