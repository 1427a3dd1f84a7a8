"""Dead letters: redrive, discard, and their view in Redis. Replay is the same for past events."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import Any

from celery import Celery
from sqlalchemy import ColumnElement, func, or_, select, text, update
from sqlalchemy.orm import Session

from db.models.events import EventRecord
from db.session import transaction
from fault_points import reach
from settings import settings
from worker import bell
from worker.inbox import redis
from worker.search import Filter

SHOWN = 1000
_AGAIN: dict[str, Any] = {
    "status": "retrying",
    "attempts": 0,
    "retry_at": func.now(),
    "redriven_at": func.now(),
    "settled_at": None,
}
_BUILDING = "tallyman:building:"
Key = tuple[str, str]


def redrive(which: Filter, limit: int, *, dry_run: bool = False) -> list[Key]:
    """Send dead events through the retry path again, oldest first; return their keys."""
    return _again(replace(which, status="dead"), [], limit, dry_run=dry_run)


def replay(which: Filter, limit: int, *, dry_run: bool = False) -> list[Key]:
    """Apply past events again on purpose, as far as their bodies are still kept."""
    past = EventRecord.status.in_(["handled", "ignored"])
    return _again(which, [past, _kept()], limit, dry_run=dry_run)


def _kept() -> ColumnElement[bool]:
    """Return the condition that the body is in the row or in the archive."""
    return or_(EventRecord.body.is_not(None), EventRecord.archive_key.is_not(None))


def redrive_one(service: str, event_id: str) -> str:
    """Redrive the event with just this id; return what happened."""
    exactly = Filter(service=service, exact_id=event_id)
    return "redriven" if redrive(exactly, 1) else "not dead (any more)"


def discard(which: Filter, reason: str, limit: int, *, dry_run: bool = False) -> list[Key]:
    """Close dead events without handling them; return their keys."""
    values = {"status": "discarded", "reason": reason, "settled_at": func.now()}
    return _move(replace(which, status="dead"), [], limit, values, dry_run=dry_run)


def _again(
    which: Filter, more: Sequence[ColumnElement[bool]], limit: int, *, dry_run: bool
) -> list[Key]:
    moved = _move(which, more, limit, _AGAIN, dry_run=dry_run)
    reach("redrive.moved")
    for service in {service for service, _ in moved if not dry_run}:
        bell.ring(f"{service}.retry")
    return moved


def again(session: Session, service: str, ids: Sequence[str]) -> list[str]:
    """Redrive just these, as far as they are dead; return the ids of which that is so."""
    return list(session.execute(_just(service, ids).values(_AGAIN)).scalars())


def close(session: Session, service: str, reasons: Mapping[str, str]) -> None:
    """Discard dead events, each for its reason."""
    for id, reason in reasons.items():
        closed = {"status": "discarded", "reason": reason, "settled_at": func.now()}
        session.execute(_just(service, [id]).values(closed))


def _just(service: str, ids: Sequence[str]) -> Any:
    e = EventRecord
    dead = [e.service == service, e.event_id.in_(ids), e.status == "dead"]
    return update(e).where(*dead).returning(e.event_id)


def _move(
    which: Filter,
    more: Sequence[ColumnElement[bool]],
    limit: int,
    values: dict[str, Any],
    *,
    dry_run: bool,
) -> list[Key]:
    """Give a status to the oldest events that are meant, skipping those in somebody's hands."""
    e = EventRecord
    meant = select(e.service, e.event_id).where(*which.conditions(), *more).order_by(e.received_at)
    oldest = meant.limit(limit).with_for_update(skip_locked=True).cte("oldest")
    moved = (
        update(e)
        .where(e.service == oldest.c.service, e.event_id == oldest.c.event_id)
        .values(values)
        .returning(e.service, e.event_id)
    )
    with transaction() as session:
        found = session.execute(select(oldest) if dry_run else moved).all()
        reach("redrive.moving")
    return [(service, event_id) for service, event_id in found]


def show_in_redis(service: str) -> None:
    """Rebuild the queue `<service>.dead`, a view for LLEN and for operators, if it is out of date.

    Nobody consumes it unasked. A worker that is pointed at it redrives what it takes.
    """
    dead = _dead(service)
    version = sha256("\n".join(dead).encode()).hexdigest()
    if redis().get(f"tallyman:dead:{service}") == version.encode():
        return
    if redis().set(f"{_BUILDING}{service}", 1, nx=True, ex=60):  # two would mix their messages
        _build(service, dead, version)


def _build(service: str, dead: Sequence[str], version: str) -> None:
    queue, building = f"{service}.dead", f"{_BUILDING}{service}.dead"
    redis().delete(building)
    for event_id in dead:
        _builder().send_task(f"{service}.redrive", [event_id], queue=queue, retry=False)
    reach("dead_queue.built")
    with redis().pipeline(transaction=True) as pipe:
        pipe.delete(queue) if not dead else pipe.rename(building, queue)
        pipe.set(f"tallyman:dead:{service}", version)
        pipe.expire(f"{_BUILDING}{service}", len(dead) // 40)  # a long one is not built each second
        pipe.execute()


def _dead(service: str) -> list[str]:
    """Return the ids of the oldest dead events, but for those redriven in the last minute."""
    lately = func.now() - text("interval '1 minute'")
    not_lately = or_(EventRecord.redriven_at.is_(None), EventRecord.redriven_at < lately)
    query = (
        select(EventRecord.event_id)
        .where(EventRecord.service == service, EventRecord.status == "dead")
        .where(not_lately)
        .order_by(EventRecord.settled_at, EventRecord.event_id)
        .limit(SHOWN)
    )
    with transaction() as session:
        return list(session.execute(query).scalars())


@cache
def _builder() -> Celery:
    """Return an app that sends into lists beside the real ones, which then take their place."""
    app = Celery("tallyman.dead", broker=settings().stores.redis_url, set_as_current=False)
    app.conf.broker_transport_options = {"global_keyprefix": _BUILDING, "socket_timeout": 5}
    return app
