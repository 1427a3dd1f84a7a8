"""Which rows are to be fetched, and how what was fetched settles one that its clock left open.

A row is to be fetched from `refetch_at` on; a placeholder a minute after it was first seen. What
was deleted is not: nothing is left there. Who is asked in vain waits longer every time.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Table, TextClause, text
from sqlalchemy.orm import Session

from db.session import transaction
from worker import rows, statements
from worker.rows import Projected
from worker.statements import key
from worker.syncs import comparing, kept

UNKNOWN_FOR = 60  # seconds that a placeholder waits for the event that tells of it
LONGEST = 86_400  # seconds, between two times that a row is asked for in vain

Tables = tuple[tuple[str, Table], ...]
"""The object types that can be fetched, each with its table."""


class Open(NamedTuple):
    """A row that is to be fetched, as it stood when it was found."""

    object_type: str
    account: str
    id: str
    known: Mapping[str, Any] | None
    clock: int
    version: str


_TO_FETCH = "deleted_at IS NULL AND (refetch_at IS NOT NULL OR source IS NULL)"


def _found(object_type: str, table: Table) -> str:
    account = "account" if "account" in key(table) else "''"
    chosen = f"'{object_type}' AS object_type, {account} AS account, id, data AS known, clock,"
    left = f"{chosen} CAST(xmin AS text) AS version, refetch_at AS since FROM {table.fullname}"
    unknown = (
        f"{chosen} CAST(xmin AS text) AS version, first_seen_at AS since FROM {table.fullname}"
    )
    young = f"make_interval(secs => {UNKNOWN_FOR})"
    return f"""
        (SELECT {left} WHERE refetch_at <= now() AND deleted_at IS NULL
            ORDER BY refetch_at LIMIT :count)
        UNION ALL (SELECT {unknown} WHERE first_seen_at <= now() - {young}
            AND refetch_at IS NULL AND source IS NULL AND deleted_at IS NULL
            ORDER BY first_seen_at LIMIT :count)
    """


@cache
def due_in(tables: Tables) -> TextClause:
    """Return the statement that finds what is to be fetched, the longest due first."""
    every = " UNION ALL ".join(_found(*one) for one in tables)
    return text(f"""
        SELECT object_type, account, id, known, clock, version FROM ({every}) AS open
        ORDER BY since, object_type, account, id LIMIT :count
    """)  # noqa: S608  as above


def due(tables: Tables, count: int) -> Sequence[Open]:
    """Return up to so many rows that are to be fetched now."""
    if not tables:
        return []
    with transaction() as session:
        return [Open(*row) for row in session.execute(due_in(tables), {"count": count})]


def settle(session: Session, table: Table, row: Open, told: Projected) -> bool:
    """Write what was fetched; return whether the row is settled, or is to be fetched again."""
    give_way(session, table, row, told)
    rows.upsert(session, [told])
    return not session.execute(_still(table), _key(row)).scalar_one()


def give_way(session: Session, table: Table, row: Open, told: Projected) -> None:
    """Have the version rule let win what was fetched, where that is as old as the row.

    An object with a clock of its own is. So its row is made older by a millisecond, if nobody has
    written it since it was found: whatever came meanwhile is compared as ever. Without such a clock
    it cannot be told which of the two was the later: a later answer has to settle it.
    """
    snapshot, parts = told
    if snapshot.clock == row.clock and comparing.own_clock(snapshot, kept.own(parts)):
        keys = _key(row) | {"clock": row.clock, "version": row.version}
        session.execute(_older(table), keys)


def later(session: Session, table: Table, row: Open, least: float, most: float = LONGEST) -> None:
    """Have a row wait that was asked for in vain: as long again as it has stood, within bounds."""
    session.execute(_later(table), _key(row) | {"least": least, "most": most})


def _key(row: Open) -> dict[str, str]:
    return {"account": row.account, "id": row.id}


def _same(table: Table) -> str:
    return " AND ".join(f"{name} = :{name}" for name in key(table))


@cache
def _older(table: Table) -> TextClause:
    members = ", members_version = NULL" if statements.has_members(table) else ""
    return text(f"""
        UPDATE {table.fullname} SET clock = clock - 1{members} WHERE {_same(table)}
        AND clock = :clock AND refetch_at IS NOT NULL AND CAST(xmin AS text) = :version
    """)  # noqa: S608  our own tables


@cache
def _still(table: Table) -> TextClause:
    return text(f"""
        SELECT EXISTS (SELECT FROM {table.fullname} WHERE {_same(table)} AND {_TO_FETCH})
    """)  # noqa: S608  our own tables


@cache
def _later(table: Table) -> TextClause:
    stood = "extract(epoch FROM now() - written_at)"
    return text(f"""
        UPDATE {table.fullname}
        SET refetch_at = now() + make_interval(secs => least(greatest({stood}, :least), :most))
        WHERE {_same(table)} AND {_TO_FETCH}
    """)  # noqa: S608  our own tables
