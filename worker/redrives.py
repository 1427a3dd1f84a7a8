"""Redrives in steps, as people look at them: begun for a cause, halted, listed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.models.redrives import Redrive, RedriveLetter
from db.session import transaction
from settings import settings
from worker import bell
from worker.causes import EFFECTS, Cause, dead_of, keys
from worker.ledger import TABLE as EVENTS
from worker.ledger import sql

TABLE = Redrive.__table__.fullname  # type: ignore[attr-defined]  # as in worker/ledger.py
LETTERS = RedriveLetter.__table__.fullname  # type: ignore[attr-defined]  # as there
TASK = "upkeep.canary"
KEPT_DAYS = 30


class AlreadyRunning(Exception):
    """The cause's dead letters are being redriven."""


_START = f"""
    INSERT INTO {TABLE} (cause, kind, service, type, error, per_second, halt_percent, started_by)
    VALUES (:cause, :kind, :service, :type, :error, :per_second, :halt_percent, :by)
    RETURNING id
"""  # noqa: S608  our own table


def start(
    cause: Cause,
    *,
    per_second: float | None = None,
    halt_percent: float | None = None,
    by: str = "",
) -> int:
    """Begin to redrive what is dead of a cause; return the redrive's id. The settings fill in.

    Raises AlreadyRunning.
    """
    given = settings().canary
    row = {
        "cause": cause.id,
        "kind": cause.kind,
        "service": cause.service,
        "type": cause.type,
        "error": cause.error,
        "per_second": given.canary_per_second if per_second is None else per_second,
        "halt_percent": given.canary_halt_percent if halt_percent is None else halt_percent,
        "by": by,
    }
    try:
        with transaction() as session:
            id: int = session.execute(sql(_START), row).scalar_one()
    except IntegrityError:
        raise AlreadyRunning(f"the dead letters of {cause.id} are being redriven") from None
    bell.ring(TASK)
    return id


_HALT = f"""
    UPDATE {TABLE} SET status = 'halted', reason = :reason, finished_at = now(), written_at = now()
    WHERE id = :id AND status = 'running' RETURNING id
"""  # noqa: S608  our own table


def halt(id: int, reason: str) -> bool:
    """Send no more letters of a redrive; return whether it was running."""
    with transaction() as session:
        return session.execute(sql(_HALT), {"id": id, "reason": reason}).first() is not None


_LISTED = f"""
    SELECT * FROM {TABLE} WHERE CAST(:id AS bigint) IS NULL OR id = :id
    ORDER BY id DESC LIMIT :limit
"""  # noqa: S608  our own table


def listed(limit: int = 20, id: int | None = None) -> Sequence[Any]:
    """Return the newest redrives, or just that one, with the counts of their letters."""
    with transaction() as session:
        return session.execute(sql(_LISTED), {"id": id, "limit": limit}).all()


def running(cause: Cause) -> list[Any]:
    """Return the redrive of a cause's letters that runs, if there is one."""
    query = sql(f"SELECT * FROM {TABLE} WHERE cause = :cause AND status = 'running'")  # noqa: S608
    with transaction() as session:
        return list(session.execute(query, {"cause": cause.id}))


_LIST_EVENTS = f"""
    INSERT INTO {LETTERS} (redrive_id, position, letter)
    SELECT :id, row_number() OVER (ORDER BY coalesce(occurred_at, received_at), event_id), event_id
    FROM ({dead_of("event", "event_id, occurred_at, received_at")}) AS dead
"""  # noqa: S608  our own tables

# what says how something is has an order; what happened has none
_LIST_EFFECTS = f"""
    INSERT INTO {LETTERS} (redrive_id, position, letter, entity)
    SELECT :id, row_number() OVER (ORDER BY occurred_at, id), id, coalesce(entity, '?' || id)
    FROM ({dead_of("effect", "id, entity, occurred_at")}) AS dead
"""  # noqa: S608  our own tables


def enter(session: Session, run: Any) -> None:
    """List what is dead of the cause, older ones first."""
    which = _LIST_EVENTS if run.kind == "event" else _LIST_EFFECTS
    meant = keys(run.cause, run.service, run.type, run.error)
    session.execute(sql(which), meant | {"id": run.id})


_FORGET = f"""
    DELETE FROM {LETTERS} WHERE redrive_id IN (
        SELECT id FROM {TABLE} AS old
        WHERE finished_at < now() - make_interval(days => {KEPT_DAYS})
            AND EXISTS (SELECT FROM {LETTERS} WHERE redrive_id = old.id)
        ORDER BY id LIMIT 1)
"""  # noqa: S608  our own tables


def forget() -> int:
    """Delete the letters of one redrive that ended a month ago; return how many there were."""
    with transaction() as session:
        return int(session.execute(sql(_FORGET)).rowcount)  # type: ignore[attr-defined]  # as above


_CLOSE = """
    WITH oldest AS MATERIALIZED ({dead} FOR UPDATE SKIP LOCKED)
    UPDATE {table} AS kept SET status = 'discarded', reason = :reason, settled_at = now()
    FROM oldest WHERE kept.{whose} = :service AND kept.{id} = oldest.{id}
"""
_CLOSE_EVENTS = _CLOSE.format(
    dead=dead_of("event", "event_id"), table=EVENTS, whose="service", id="event_id"
)
_CLOSE_EFFECTS = _CLOSE.format(
    dead=dead_of("effect", "id", "AND lease_token IS NULL"), table=EFFECTS, whose="target", id="id"
)


def discard(cause: Cause, reason: str, limit: int) -> int:
    """Close what is dead of a cause, the oldest first; return how many were closed."""
    which = _CLOSE_EVENTS if cause.kind == "event" else _CLOSE_EFFECTS
    meant = keys(cause.id, cause.service, cause.type, cause.error, limit)
    with transaction() as session:
        done = session.execute(sql(which), meant | {"reason": reason})
        return int(done.rowcount)  # type: ignore[attr-defined]  # of an UPDATE there is one
