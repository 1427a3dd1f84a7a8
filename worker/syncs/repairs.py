"""Write what was found: the rows as they are there, and an entry of drift for each difference."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Table, func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from db.models.syncs import Drift
from integrations.interface import Members
from telemetry import describe, log
from worker import rows, statements
from worker.faults import ours
from worker.ledger import sql
from worker.syncs.comparing import Compared
from worker.syncs.drift import Difference, loggable
from worker.syncs.kept import Kept
from worker.syncs.runs import Run

_log = log(__name__)


def write(session: Session, found: Sequence[Compared]) -> tuple[set[rows.Touched], int]:
    """Write the objects; where more is known than they say, they lose.

    Return the rows that were touched, and how many objects Postgres would not take: one of them
    keeps no page from being written.
    """
    try:
        with session.begin_nested():
            return rows.upsert(session, [(one.snapshot, one.parts) for one in found]), 0
    except DBAPIError as error:
        if ours(error):
            raise
    touched, failed = set[rows.Touched](), 0
    for one in found:
        try:
            with session.begin_nested():
                touched |= rows.upsert(session, [(one.snapshot, one.parts)])
        except DBAPIError as error:
            if ours(error):
                raise
            failed += 1
            _log.warning("sync.unwritable", id=loggable(one.row.id), error=describe(error))
    return touched, failed


def repair(session: Session, run: Run, found: Sequence[Compared]) -> tuple[set[str], int, int]:
    """Make rows as they are there; return the ids that now are, and counts: written, failed.

    The version rule would take an edited row for the version that was told. So its clock is
    lowered first, if it is still what was compared; a deletion that is not true goes with it, but
    for one that was told since the run began: the object may have been asked for before.
    """
    lowered = sorted((one for one in found if _stands_in_the_way(one)), key=lambda o: o.row.id)
    rest = [one for one in found if not _stands_in_the_way(one)]
    told, failed = write(session, rest)
    # placeholders come before in the order of tables, and have been there since the row has
    bare = [_without_placeholders(one) for one in lowered if _lower(session, run, one)]
    again, unwritten = write(session, bare)
    touched = told | again
    repaired = {one.row.id for one in found if _as_told(one, touched)}
    return repaired, len(touched), failed + unwritten


def _stands_in_the_way(one: Compared) -> bool:
    """Return whether no upsert would win, although the row is not as it is there."""
    if one.kept is None or one.snapshot.gone_at is not None or one.kept.clock == 0:
        return one.kept is not None and _wrongly_deleted(one)
    return one.kept.clock == one.snapshot.clock or _wrongly_deleted(one)


def _wrongly_deleted(one: Compared) -> bool:
    deleted = one.kept is not None and one.kept.deleted_at is not None
    return deleted and one.snapshot.gone_at is None


def _without_placeholders(one: Compared) -> Compared:
    own = [p for p in one.parts if isinstance(p, Members) or not isinstance(p.of, str)]
    return Compared(one.snapshot, own, one.kept, one.differences, one.edited)


_LOWER = """
    UPDATE {table} SET clock = greatest(clock - 1, 0), deleted_at = NULL {members}
    WHERE {keys} AND CAST(xmin AS text) = :version
        AND (deleted_at IS NULL OR written_at < :began) RETURNING id
"""


def _lower(session: Session, run: Run, one: Compared) -> bool:
    """Make the row older than what was told; return False if it was written since compared."""
    kept = cast("Kept", one.kept)
    table: Table = one.row.model.__table__
    keys = statements.key(table)
    members = ", members_version = NULL" if one.row.whole and statements.has_members(table) else ""
    where = " AND ".join(f"{name} = :{name}" for name in keys)
    statement = _LOWER.format(table=table.fullname, members=members, keys=where)
    values = {name: kept.values[name] for name in keys}
    values |= {"version": kept.version, "began": run.started_at}
    return session.execute(sql(statement), values).first() is not None


def _as_told(one: Compared, touched: Iterable[rows.Touched]) -> bool:
    table, id, gone_at = one.row.model.__tablename__, one.row.id, one.snapshot.gone_at
    mine = [row for row in touched if row.table == table and row.key[-1] == id]
    if gone_at is not None:
        return any(row.deleted_at is not None for row in mine)
    return any(row.event_id is None for row in mine)  # a listing's version has no event


def enter(
    session: Session,
    run: Run,
    found: Iterable[tuple[Compared, Difference, str]],
    repaired: set[str],
) -> None:
    """Enter the differences and their causes into `drift`."""
    now = session.execute(select(func.now())).scalar_one()
    entries = [
        _entry(run, difference, cause, now if one.row.id in repaired else None)
        for one, difference, cause in found
    ]
    if entries:
        session.execute(insert(Drift), entries)


def _entry(
    run: Run, difference: Difference, cause: str, repaired_at: datetime | None
) -> Mapping[str, object]:
    return {
        "run_id": run.id,
        "service": run.service,
        "account": run.account,
        "table_name": difference.table,
        "row_id": difference.id,
        "field": difference.field,
        "here": difference.here,
        "there": difference.there,
        "cause": cause,
        "repaired_at": repaired_at,
    }
