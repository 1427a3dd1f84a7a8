"""Dead letters of one cause tried again in steps: one, then ten, then the rest at a rate.

A redrive is a row of `redrives`. Whoever advances it locks that row, asks what became of those that
were sent, and judges; everything is written in that one transaction, so that it goes on wherever it
was killed. It halts by itself where more of a step fail than it may, and where it cannot be
advanced.
"""

from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db.session import transaction
from fault_points import reach
from integrations.schema import dump
from telemetry import describe, log
from worker import bell, redrive_letters, redrives
from worker.canary_steps import Tally, Verdict, allowance, judge
from worker.faults import ours, suspicious
from worker.ledger import sql
from worker.redrives import TABLE

_AT_ONCE = 100  # events that are looked at together
_LOOKS = 5  # in one go: an event takes a millisecond or so
_FAILURES = 5  # in a row: then it halts
_log = log(__name__)

# who was looked after last comes last: one that takes all the time leaves the next time to others
_RUNNING = f"SELECT id FROM {TABLE} WHERE status = 'running' ORDER BY written_at, id"  # noqa: S608


def advance() -> str:
    """Take each running redrive a bit further; return what became of them, as Flower shows it."""
    with transaction() as session:
        running = session.execute(sql(_RUNNING)).scalars().all()
    told = []
    for id in running:
        try:
            told.append(f"{id}={_advance(id)}")
        except Exception as error:  # noqa: BLE001  whatever it is: the others go on
            told.append(f"{id}={_failed(id, error)}")
            if isinstance(error, SoftTimeLimitExceeded):  # it is told once: the next time goes on
                break
    return " ".join(told) or "nothing to do"


_COUNT = f"""
    UPDATE {TABLE} SET failures = failures + 1, written_at = now(),
        status = CASE WHEN failures + 1 >= {_FAILURES} THEN 'halted' ELSE status END,
        finished_at = CASE WHEN failures + 1 >= {_FAILURES} THEN now() END,
        reason = CASE WHEN failures + 1 >= {_FAILURES} THEN :reason END
    WHERE id = :id AND status = 'running' RETURNING status
"""  # noqa: S608  our own table


def _failed(id: int, error: Exception) -> str:
    """Count a failure, unless a store is away; return how the redrive stands then."""
    _log.warning("canary.failed", redrive=id, error=describe(error))
    if isinstance(error, RedisError | OperationalError) or (ours(error) and not suspicious(error)):
        return "a store is away"
    keys = {"id": id, "reason": f"it could not be advanced: {describe(error)}"}
    try:
        with transaction() as session:
            status = session.execute(sql(_COUNT), keys).scalar()
    except SQLAlchemyError:  # somebody else has it, or Postgres is away now
        return "failed"
    return "halted" if status == "halted" else "failed"


# another's transaction has it: then it is looked after
_TAKE = f"""
    SELECT *, CAST(extract(epoch FROM now() - paced_at) AS float8) AS unpaced
    FROM {TABLE} WHERE id = :id AND status = 'running' FOR UPDATE SKIP LOCKED
"""  # noqa: S608  our own table


def _advance(id: int) -> str:
    with transaction() as session:
        run = session.execute(sql(_TAKE), {"id": id}).first()
        if run is None:
            return "busy"
        if run.step == 0:
            redrives.enter(session, run)
            run = _write(session, run, Verdict("next"))
        redrive_letters.ask(session, run)
        verdict, sent = _step(session, run)
        run = _write(session, run, verdict, paced=bool(sent))
        while verdict.what == "next":
            verdict, more = _step(session, run)
            run, sent = _write(session, run, verdict, paced=bool(more)), sent + more
        reach("canary.written")
    reach("canary.committed")
    if sent:
        bell.ring(f"{run.service}.{'retry' if run.kind == 'event' else 'deliver'}")
    _log.info("canary.advanced", redrive=id, status=run.status, step=run.step, **run.counts)
    return f"{run.status} {dump(run.counts)}"


def _step(session: Session, run: Any) -> tuple[Verdict, int]:
    """Send what the step may send; return what is to be done then, and how many were sent."""
    tally = _tally(session, run)
    if (verdict := judge(run.step, tally, run.halt_percent, more=True)).halts:
        return verdict, 0
    quota = allowance(run.step, tally, run.per_second, run.unpaced)
    sent, exhausted = _send(session, run, quota)
    tally = _tally(session, run)
    verdict = judge(run.step, tally, run.halt_percent, more=not exhausted)
    if verdict.what == "complete":
        redrive_letters.hold(session, run)
    return verdict, sent


def _send(session: Session, run: Any, quota: int) -> tuple[int, bool]:
    """Send so many letters at most; return how many were, and whether none is left to be sent."""
    sent = 0
    for _ in range(_LOOKS):
        free = redrive_letters.free(session, run, max(quota - sent, 1))
        if free and sent < quota:
            sent += redrive_letters.send(session, run, free[: quota - sent])
            continue
        if free:
            return sent, False
        if not redrive_letters.look_at_next(session, run, _AT_ONCE):
            return sent, True
    return sent, False


def _tally(session: Session, run: Any) -> Tally:
    found = redrive_letters.counts(session, run)
    return Tally(
        of_step={row.status: row.of_step for row in found},
        all={row.status: row.count for row in found},
    )


_WRITE = f"""
    UPDATE {TABLE} SET step = :step, status = :status, reason = :reason, written_at = now(),
        failures = 0,
        counts = CAST(:counts AS jsonb),
        paced_at = CASE WHEN :next THEN now() - interval '1 second'
            WHEN :paced THEN now() ELSE paced_at END,
        finished_at = CASE WHEN :status <> 'running' THEN now() END
    WHERE id = :id
    RETURNING *, CAST(extract(epoch FROM now() - paced_at) AS float8) AS unpaced
"""  # noqa: S608  our own table


def _write(session: Session, run: Any, verdict: Verdict, *, paced: bool = False) -> Any:
    step = run.step + (verdict.what == "next")
    keys = {
        "id": run.id,
        "step": step,
        "status": {"complete": "complete", "halt": "halted"}.get(verdict.what, "running"),
        "reason": verdict.reason,
        "counts": dump(_tally(session, run).all),
        "paced": paced,
        "next": verdict.what == "next",
    }
    return session.execute(sql(_WRITE), keys).one()
