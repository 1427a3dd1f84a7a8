"""Runs of syncs in the database, whose times they have: who works on one, and what it found."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row
from sqlalchemy.orm import Session

from db.models.syncs import SyncCursor, SyncRun
from db.session import transaction
from integrations.schema import dump
from settings import settings
from worker.ledger import sql

RUNS = SyncRun.__table__.fullname  # type: ignore[attr-defined]  # as in worker/ledger.py
CURSORS = SyncCursor.__table__.fullname  # type: ignore[attr-defined]
INTERRUPTED = "interrupted"
"""The error of what somebody stopped by hand: nobody but who does the same goes on with it."""


@dataclass(frozen=True, slots=True)
class Run:
    """The run under way, leased. `cursor` and `state` are as its last step left them.

    `complete_until` is the service's time up to which an earlier run found nothing missing.
    """

    id: int
    service: str
    name: str
    kind: str
    account: str
    plan: bool
    started_at: datetime
    cursor: str | None
    state: dict[str, Any]
    complete_until: datetime | None
    token: UUID


@dataclass(frozen=True, slots=True)
class Counts:
    """What a step adds to the account of its run, as db/models/syncs.py describes it."""

    there: int = 0
    here: int = 0
    fetched: int = 0
    applied: int = 0
    failed: int = 0
    gone: int = 0
    gap_from: datetime | None = None
    gap_to: datetime | None = None


class LostError(Exception):
    """The lease has passed to somebody else: nothing is written."""


_WHO = "service = :service AND name = :name AND kind = :kind AND account = :account"
_MINE = f"{_WHO} AND lease_token = :token"

_LEASE = f"""
    INSERT INTO {CURSORS} AS place (service, name, kind, account, lease_token, lease_until)
    VALUES (:service, :name, :kind, :account, :token, now() + make_interval(secs => :seconds))
    ON CONFLICT (service, name, kind, account) DO UPDATE
    SET lease_token = excluded.lease_token, lease_until = excluded.lease_until
    WHERE place.lease_until IS NULL OR place.lease_until < now()
    RETURNING run_id, cursor, state, (SELECT max(complete_until) FROM {CURSORS} AS any_kind
        WHERE service = :service AND name = :name AND account = :account) AS complete_until
"""  # noqa: S608  our own table

_RESUME = f"""
    UPDATE {RUNS} SET status = 'running', finished_at = NULL, error = NULL
    WHERE id = :run_id AND status IN ('running', 'stopped') AND plan = :plan
    RETURNING id, started_at
"""  # noqa: S608  our own table

_HAD = f"""
    SELECT EXISTS (SELECT FROM {RUNS} WHERE {_WHO} AND plan = :plan
        AND started_at > now() - make_interval(secs => :every)
        AND floor(extract(epoch FROM started_at) / :every)
            = floor(extract(epoch FROM now()) / :every))
"""  # noqa: S608  our own table

_BEGIN = f"""
    INSERT INTO {RUNS} (service, name, kind, account, plan)
    VALUES (:service, :name, :kind, :account, :plan) RETURNING id, started_at
"""  # noqa: S608  our own table

# of another plan, or of a process that ended: it does not go on any more
_ABANDON = f"""
    UPDATE {RUNS} SET status = 'stopped', finished_at = now(), error = 'another took its place'
    WHERE {_WHO} AND status = 'running'
"""  # noqa: S608  our own table

_PLACE = f"""
    UPDATE {CURSORS} SET run_id = :run_id, cursor = NULL, state = '{{}}', written_at = now()
    WHERE {_MINE}
"""  # noqa: S608  our own table

_LET_GO = f"""
    UPDATE {CURSORS} SET lease_token = NULL, lease_until = NULL,
        complete_until = greatest(complete_until, :until)
    WHERE {_MINE} RETURNING run_id
"""  # noqa: S608  our own table


def begin(
    service: str,
    name: str,
    kind: str,
    account: str = "",
    *,
    plan: bool = False,
    every: float | None = None,
) -> Run | None:
    """Lease the place of these runs; go on with the one that stopped there, or begin another.

    Return None while somebody is at it, or if one was over in this slot of `every` seconds.
    """
    who: dict[str, Any] = {"service": service, "name": name, "kind": kind, "account": account}
    keys = who | {"plan": plan, "every": every, "token": uuid4(), "seconds": _lease_seconds()}
    with transaction() as session:
        found = session.execute(sql(_LEASE), keys).first()
        if found is None:
            return None
        run = session.execute(sql(_RESUME), keys | {"run_id": found.run_id}).first()
        place = {"cursor": found.cursor, "state": found.state}
        if run is None:
            if every and session.execute(sql(_HAD), keys).scalar_one():
                session.execute(sql(_LET_GO), keys | {"until": None})
                return None
            run, place = _begun(session, keys), {"cursor": None, "state": {}}
    rest = {"complete_until": found.complete_until, "token": keys["token"]}
    return Run(id=run.id, started_at=run.started_at, plan=plan, **who, **place, **rest)


def _begun(session: Session, keys: dict[str, Any]) -> Row[Any]:
    session.execute(sql(_ABANDON), keys)
    run = session.execute(sql(_BEGIN), keys).one()
    session.execute(sql(_PLACE), keys | {"run_id": run.id})
    return run


_HOLD = f"""
    UPDATE {CURSORS} SET cursor = :cursor, state = CAST(:state AS jsonb), written_at = now(),
        lease_until = now() + make_interval(secs => :seconds)
    WHERE {_MINE} RETURNING run_id
"""  # noqa: S608  our own table

_ADD = f"""
    UPDATE {RUNS} SET there = there + :there, here = here + :here, fetched = fetched + :fetched,
        applied = applied + :applied, failed = failed + :failed, gone = gone + :gone,
        gap_from = least(gap_from, :gap_from), gap_to = greatest(gap_to, :gap_to)
    WHERE id = :id RETURNING failed
"""  # noqa: S608  our own table


def hold(session: Session, run: Run, cursor: str | None, state: dict[str, Any]) -> None:
    """Move the run to its next place, and extend the lease. Raises LostError.

    First in its transaction, so that who lost the lease writes nothing.
    """
    keys = {"cursor": cursor, "state": dump(state), "seconds": _lease_seconds()}
    if session.execute(sql(_HOLD), _mine(run) | keys).first() is None:
        raise LostError


def add(session: Session, run: Run, counts: Counts) -> int:
    """Add a step to the run's account; return how many have failed in all of it."""
    failed: int = session.execute(sql(_ADD), {"id": run.id, **asdict(counts)}).scalar_one()
    return failed


_END = f"""
    UPDATE {RUNS} SET status = :status, error = :error, finished_at = now() WHERE id = :id
"""  # noqa: S608  our own table


def end(
    session: Session, run: Run, status: str, error: str | None = None, until: datetime | None = None
) -> None:
    """Let go of the run, which is `complete`, `stopped`, `failed` or still `running`.

    `until` is the service's time up to which nothing is missing now. Raises LostError.
    """
    if session.execute(sql(_LET_GO), _mine(run) | {"until": until}).first() is None:
        raise LostError
    if status != "running":
        session.execute(sql(_END), {"id": run.id, "status": status, "error": error})


def _mine(run: Run) -> dict[str, Any]:
    return {name: getattr(run, name) for name in ("service", "name", "kind", "account", "token")}


def _lease_seconds() -> float:
    return settings().inbox.reclaim_idle_seconds
