"""The differences that runs found, for the report."""

from collections.abc import Sequence
from typing import Any

from db.models.syncs import Drift
from db.session import transaction
from worker.ledger import sql
from worker.syncs.runs import CURSORS, RUNS

KEPT_DAYS = 30
DRIFT = Drift.__table__.fullname  # type: ignore[attr-defined]  # as in worker/ledger.py
_EXAMPLES = 3

# each run's own part of the index, which has what was found first first
_OF_RUNS = f"""
    unnest(CAST(:runs AS bigint[])) AS run(id), LATERAL (
        SELECT * FROM {DRIFT} WHERE run_id = run.id LIMIT :most) AS found
"""  # noqa: S608  our own table

_GROUPS = f"""
    SELECT table_name AS "table", field, cause, count(*) AS count,
        count(repaired_at) AS repaired,
        (array_agg(row_id ORDER BY found.id))[1:{_EXAMPLES}] AS examples
    FROM {_OF_RUNS}
    GROUP BY table_name, field, cause ORDER BY table_name, count(*) DESC, field, cause
"""  # noqa: S608  our own table

_ENTRIES = f"""
    SELECT run_id, table_name AS "table", row_id AS id, account, field, here, there, cause,
        found_at, repaired_at
    FROM {_OF_RUNS} ORDER BY run_id, found.id LIMIT :limit
"""  # noqa: S608  our own table

_OLD = f"""
    SELECT id FROM {DRIFT} WHERE found_at < now() - make_interval(days => :days)
    ORDER BY id LIMIT :count
"""  # noqa: S608  our own table

# by the runs, of which there are few: what is still so, the later one has found again
_AGAIN = f"""
    SELECT found.id FROM {RUNS} AS run JOIN {DRIFT} AS found ON found.run_id = run.id
    WHERE run.kind IN ('reconcile', 'outward') AND found.repaired_at IS NULL
        AND found.found_at < now() - interval '1 day'
        AND EXISTS (SELECT FROM {RUNS} AS later
            WHERE later.service = run.service AND later.name = run.name
                AND later.kind = run.kind AND later.account = run.account
                AND later.status = 'complete' AND later.id > run.id)
    LIMIT :count
"""  # noqa: S608  our own tables

# of the last runs that were complete: what is still so, they have found again
_OPEN = f"""
    SELECT service, count(DISTINCT row_id) AS rows FROM (
        SELECT run.service, found.row_id FROM (
            SELECT DISTINCT place.service, last.id FROM {CURSORS} AS place, LATERAL (
                SELECT id FROM {RUNS} AS r WHERE r.service = place.service
                    AND r.name = place.name AND r.kind = place.kind
                    AND r.account = place.account AND status = 'complete'
                ORDER BY started_at DESC LIMIT 1) AS last
            WHERE place.kind IN ('reconcile', 'outward')) AS run, LATERAL (
            SELECT row_id FROM {DRIFT} AS d WHERE d.run_id = run.id AND repaired_at IS NULL
            LIMIT :most) AS found) AS open
    GROUP BY service
"""  # noqa: S608  our own tables


def open_now(most: int = 10_000) -> Sequence[Any]:
    """Return (service, objects) of what the last complete runs found that nobody mended since.

    At most so many fields of each run are counted.
    """
    with transaction() as session:
        return session.execute(sql(_OPEN), {"most": most}).all()


def groups(runs: Sequence[int], most: int | None = None) -> Sequence[Any]:
    """Return what the runs found by (table, field, cause): how many, repaired, and examples.

    With `most` no more differences of each run are counted.
    """
    with transaction() as session:
        return session.execute(sql(_GROUPS), {"runs": list(runs), "most": most}).all()


def entries(runs: Sequence[int], limit: int, most: int | None = None) -> Sequence[Any]:
    """Return each difference that the runs found, in the order in which they did, at most so many.

    Of what is personal, `here` and `there` are only hashes. `most` as for `groups`.
    """
    keys = {"runs": list(runs), "limit": limit, "most": most}
    with transaction() as session:
        return session.execute(sql(_ENTRIES), keys).all()


def forget(count: int = 10_000) -> int:
    """Delete what was found a month ago, or yesterday and again since; return how many there were.

    At most so many of each.
    """
    deleted = 0
    for which in (_OLD, _AGAIN):
        with transaction() as session:
            keys = {"days": KEPT_DAYS, "count": count}
            done = session.execute(sql(f"DELETE FROM {DRIFT} WHERE id IN ({which})"), keys)  # noqa: S608
            deleted += done.rowcount  # type: ignore[attr-defined]  # of a DELETE there is one
    return deleted
