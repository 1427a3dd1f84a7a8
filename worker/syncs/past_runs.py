"""What the runs of syncs left behind: for `sync status`, the metrics, and who goes on with them."""

from collections.abc import Sequence
from typing import Any

from db.models.syncs import Drift
from db.session import transaction
from integrations.syncs import Sync
from settings import settings
from worker.ledger import sql
from worker.syncs.runs import CURSORS, INTERRUPTED, RUNS

KEPT_DAYS = 30
_DRIFT = Drift.__table__.fullname  # type: ignore[attr-defined]  # as in worker/ledger.py

_LAST = f"""
    SELECT run.*, lease_until > now() AS busy, complete_until,
        CAST(extract(epoch FROM now() - coalesce(finished_at, written_at)) AS float8) AS age,
        CAST(extract(epoch FROM now() - written_at) AS float8) AS still
    FROM {CURSORS} AS place JOIN {RUNS} AS run ON run.id = place.run_id
    ORDER BY run.service, run.name = 'events' DESC, run.name, run.kind, run.account
"""  # noqa: S608  our own table


def last() -> Sequence[Any]:
    """Return the last run of each service, name, kind and account.

    `busy` is whether somebody works on it now, `age` how many seconds ago it ended, or got on;
    `still` how many ago it got on last: one that stopped may be tried every minute.
    """
    with transaction() as session:
        return session.execute(sql(_LAST)).all()


_AGES = f"""
    SELECT service, name, kind,
        CAST(extract(epoch FROM now() - max(finished_at)) AS float8) AS seconds
    FROM {CURSORS} AS place, LATERAL (
        SELECT finished_at FROM {RUNS} AS run
        WHERE run.service = place.service AND run.name = place.name AND run.kind = place.kind
            AND run.account = place.account AND status = 'complete'
        ORDER BY started_at DESC LIMIT 1) AS last
    GROUP BY service, name, kind
"""  # noqa: S608  our own table


def ages() -> Sequence[Any]:
    """Return (service, name, kind, seconds since the last run was complete) of what ever was."""
    with transaction() as session:
        return session.execute(sql(_AGES)).all()


_FILLED = f"""
    SELECT DISTINCT name, kind FROM {RUNS}
    WHERE service = :service AND account = :account AND status = 'complete' AND NOT plan
        AND kind IN ('backfill', 'reconcile', 'catch_up')
"""  # noqa: S608  our own table


def filled(service: Sync, account: str) -> set[str]:
    """Return the types of which all that the service lists was copied once."""
    with transaction() as session:
        keys = {"service": service.name, "account": account}
        found = [(name, kind) for name, kind in session.execute(sql(_FILLED), keys)]
    newest = {c.object_type for c in service.collections if c.newest_first}
    return {name for name, kind in found if kind != "catch_up" or name not in newest}


_UNFINISHED = f"""
    SELECT DISTINCT run.service, CASE WHEN run.kind = 'catch_up' AND run.name = 'events'
            THEN 'events' WHEN run.kind = 'catch_up' THEN 'objects' ELSE run.kind END AS what
    FROM {CURSORS} AS place JOIN {RUNS} AS run ON run.id = place.run_id
    WHERE status IN ('running', 'stopped') AND run.kind IN ('catch_up', 'reconcile', 'outward')
        AND plan = (run.kind = 'reconcile' AND :plan) AND error IS DISTINCT FROM :interrupted
        AND (lease_until IS NULL OR lease_until < now())
        AND greatest(written_at, finished_at) < now() - make_interval(secs => :seconds)
"""  # noqa: S608  our own table


def unfinished(seconds: float) -> list[str]:
    """Return the entries of the schedule whose runs nobody has got on with for so long."""
    plan = not settings().syncs.reconcile_repairs
    keys = {"seconds": seconds, "plan": plan, "interrupted": INTERRUPTED}
    with transaction() as session:
        return [f"{row.service}.{row.what}" for row in session.execute(sql(_UNFINISHED), keys)]


_FORGET = f"""
    DELETE FROM {RUNS} WHERE id IN (
        SELECT id FROM {RUNS} AS run
        WHERE started_at < now() - make_interval(days => :days)
            AND NOT EXISTS (SELECT FROM {CURSORS} WHERE run_id = run.id)
            AND NOT EXISTS (SELECT FROM {_DRIFT} WHERE run_id = run.id)
            AND (status <> 'complete' OR EXISTS (SELECT FROM {RUNS} AS later
                WHERE later.service = run.service AND later.name = run.name
                    AND later.kind = run.kind AND later.account = run.account
                    AND later.status = 'complete' AND later.plan = run.plan
                    AND later.started_at > run.started_at))
        ORDER BY id LIMIT :count)
"""  # noqa: S608  our own table


def forget(count: int = 1000) -> int:
    """Delete old runs that tell nothing any more, at most so many; return how many there were."""
    with transaction() as session:
        done = session.execute(sql(_FORGET), {"days": KEPT_DAYS, "count": count})
        return int(done.rowcount)  # type: ignore[attr-defined]  # of a DELETE there is one
