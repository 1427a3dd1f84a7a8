"""Which row is meant, whose it is, and whose events tell of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from db.reading import mirrors
from integrations import INTEGRATIONS
from integrations.interface import Integration, Mirror
from worker import statements
from worker.syncs.accounts import in_table


class UnknownError(LookupError):
    """There is no such table or row."""


class AmbiguousError(LookupError):
    """There are several rows with the id: in several accounts, or of several parents."""


@dataclass(frozen=True, slots=True)
class Place:
    """A row, and the mirror whose events tell of it: its own, or its parent's.

    `object_type` is the provider's name for what the events are about, `about` its id.
    """

    service: Integration
    table: Table
    row: Mapping[str, Any]
    object_type: str
    mirror: Mirror
    about: str

    @property
    def account(self) -> str:
        """Return whose account the row is of; '' is one's own."""
        return str(self.row.get("account") or "")

    @property
    def owner(self) -> Table:
        """Return the table of the object whose events tell of the row."""
        found: Table = self.mirror.model.__table__
        return found

    @property
    def member(self) -> bool:
        """Return whether the row is one of a set, which its parent's events tell of."""
        return self.table is not self.owner


def find(session: Session, table: str, id: str, account: str | None = None) -> Place:
    """Return where a row is. Raises UnknownError and AmbiguousError, which say what there is."""
    named = {one.name: one for one in mirrors()}
    if table not in named:
        raise UnknownError(f"no mirror is named {table}; there are {', '.join(named)}")
    row = _row(session, named[table], id, account)
    service = INTEGRATIONS[table.partition("_")[0]]
    for object_type, mirror in service.mirrors.items():
        if mirror.model.__table__ is named[table]:
            return Place(service, named[table], row, object_type, mirror, id)
    return _of_parent(session, service, named[table], row)


def _row(session: Session, table: Table, id: str, account: str | None) -> Mapping[str, Any]:
    query = select(*table.columns).where(table.c.id == id)
    if account is not None and _whose(table):
        query = query.where(table.c[_whose(table)] == account)
    elif statements.key(table)[0] == "account":  # there is no index on the id alone
        query = query.where(table.c.account.in_(in_table(session, table)))
    found = [dict(row) for row in session.execute(query.limit(10)).mappings()]
    if not found:
        raise UnknownError(f"{table.name} has no row {id}{f' of {account}' if account else ''}")
    if len(found) > 1:
        accounts = ", ".join(sorted({str(row.get(_whose(table)) or "''") for row in found}))
        raise AmbiguousError(f"{table.name} has {id} several times: say which account: {accounts}")
    return found[0]


def _whose(table: Table) -> str:
    """Return the column that tells whose a row is, '' where none does."""
    return next((name for name in ("account", "instance_id") if name in table.columns), "")


def _of_parent(
    session: Session, service: Integration, table: Table, row: Mapping[str, Any]
) -> Place:
    """Return the place of a member of a set. Its key names the parent, whose row is there."""
    column = statements.key(table)[-2]
    for object_type, mirror in service.mirrors.items():
        owner: Table = mirror.model.__table__
        if not statements.has_members(owner):
            continue
        same = [owner.c[name] == row[name] for name in statements.key(owner)[:-1]]
        known = select(owner.c.id).where(owner.c.id == row[column], *same)
        if session.scalar(known) is not None:
            return Place(service, table, row, object_type, mirror, row[column])
    raise UnknownError(f"the parent of {row['id']}, {column} {row[column]}, is not here")
