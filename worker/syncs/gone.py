"""What a listing did not show, and so may be gone there.

What was seen is kept in a table, by run: there may be millions, and a run lasts over many slices.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, case, exists, func, select
from sqlalchemy.orm import Session

from db.models.syncs import SyncSeen
from db.session import transaction
from integrations import INTEGRATIONS
from integrations.interface import Snapshot
from integrations.schema import JSON
from integrations.syncs import Collection
from settings import settings
from worker.arrays import array
from worker.ledger import sql
from worker.sync import Failed
from worker.syncs import kept
from worker.syncs.runs import RUNS, Run

SEEN = SyncSeen.__table__.fullname  # type: ignore[attr-defined]  # as in worker/ledger.py
AT_LEAST = 5  # fewer may go from the smallest table
_BATCH = 10_000
_INSTANCE = "instance_id"
_ROWS = 2000  # looked at in a step

_MARK = f"""
    INSERT INTO {SEEN} (run_id, row_id) SELECT :run_id, id FROM unnest(CAST(:ids AS text[])) AS id
    ON CONFLICT DO NOTHING RETURNING row_id
"""  # noqa: S608  our own table

_OF_RUNS = f"""
    SELECT id FROM {RUNS} WHERE service = :service AND name = :name AND kind = :kind
        AND account = :account AND id <= :upto
"""  # noqa: S608  our own table

_FORGET = f"""
    DELETE FROM {SEEN} WHERE (run_id, row_id) IN (
        SELECT run_id, row_id FROM {SEEN} WHERE run_id IN ({_OF_RUNS}) LIMIT {_BATCH})
"""  # noqa: S608  our own table


def mark(session: Session, run: Run, ids: Sequence[str]) -> set[str]:
    """Note that the listing showed these; return those that it had not shown before."""
    keys = {"run_id": run.id, "ids": array(sorted(set(ids)))}
    return set(session.execute(sql(_MARK), keys).scalars())


def forget(run: Run, *, too: bool) -> bool:
    """Forget some of what the runs before this one have seen and, if asked, what it has itself.

    Return whether there may be more.
    """
    upto = run.id if too else run.id - 1
    keys = {name: getattr(run, name) for name in ("service", "name", "kind", "account")}
    with transaction() as session:
        done = session.execute(sql(_FORGET), keys | {"upto": upto})
        return bool(done.rowcount == _BATCH)  # type: ignore[attr-defined]  # of a DELETE there is one


@dataclass(frozen=True, slots=True)
class Unseen:
    """What the listing ought to have shown, of some rows by id: as far as it is known.

    `here` is how many rows stand there, `behind` where to go on: None where there are no more.
    """

    known: Sequence[JSON]
    here: int
    behind: str | None


def unseen(run: Run, collection: Collection, after: str) -> Unseen:
    """Look at the rows behind `after`. What no listing ever shows is left out.

    At so many at a time that each is looked up: held against each other as a whole, the two
    tables would be read through for every few that are missing.
    """
    table = _table(run)
    seen = exists().where(SyncSeen.run_id == run.id, SyncSeen.row_id == table.c.id)
    missing = and_(_old(run, table), ~seen).label("missing")
    query = select(table.c.id, missing, case((missing, table.c.data)).label("data"))
    found = _behind(run, query, after, _ROWS)
    known = [{**(row.data or {}), "id": row.id} for row in found if row.missing]
    behind = found[-1].id if len(found) == _ROWS else None
    return Unseen([one for one in known if not collection.leaves_out(one)], len(found), behind)


def standing(run: Run, after: str, limit: int) -> tuple[list[JSON], str | None]:
    """Return all that stands here by id behind `after`, and where to go on, as `unseen` does."""
    table = _table(run)
    found = _behind(run, select(table.c.id, table.c.data), after, limit)
    known = [{**(row.data or {}), "id": row.id} for row in found]
    return known, found[-1].id if len(found) == limit else None


def _behind(run: Run, query: Select[Any], after: str, limit: int) -> Sequence[Any]:
    table = _table(run)
    rows = query.where(_standing(run, table), table.c.id > after)
    mine = kept.of_account(rows, table, {"account": run.account})
    with transaction() as session:
        return session.execute(mine.order_by(table.c.id).limit(limit)).all()


def refuse_too_many(missing: int, here: int) -> None:
    """Return if as many are missing as may well be gone. Raises Failed.

    A wrong key, or a service that answers with an empty list, makes all of them gone.
    """
    percent = settings().syncs.gone_at_most_percent
    most = max(AT_LEAST - 1, int(here * percent / 100))
    if missing > most:
        raise Failed(
            f"more than {most} of {here} are not listed there (GONE_AT_MOST_PERCENT={percent:g}): "
            "is it the right key? Nothing was taken for deleted"
        )


def of_the_key(listed: Iterable[Snapshot]) -> dict[str, object]:
    """Return what stands in all rows that the key can see, by column, as far as a listing tells.

    There may be rows of another key's instance: that these are not listed says nothing.
    """
    return next(({_INSTANCE: s.columns[_INSTANCE]} for s in listed if _INSTANCE in s.columns), {})


def _table(run: Run) -> Table:
    table: Table = INTEGRATIONS[run.service].mirrors[run.name].model.__table__
    return table


def _standing(run: Run, table: Table) -> ColumnElement[bool]:
    """Return what a row is that the service should know: with content, not deleted, of our key."""
    mode, instance = INTEGRATIONS[run.service].livemode(), run.state.get(_INSTANCE)
    ours = [table.c.livemode == mode] if mode is not None and "livemode" in table.c else []
    if instance is not None:
        ours.append(func.coalesce(table.c[_INSTANCE], instance) == instance)
    return and_(table.c.deleted_at.is_(None), table.c.clock > 0, *ours)


def _old(run: Run, table: Table) -> ColumnElement[bool]:
    """Return that a row was here before the run began: the listing may have passed a newer one."""
    began = int(run.started_at.timestamp() * 1000)
    return and_(table.c.clock < began, table.c.first_seen_at < run.started_at)
