"""Ring wherever there is work and no bell; hand on what a dead process left."""

from collections.abc import Iterable
from datetime import UTC, datetime

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from telemetry import describe, log
from worker import bell, dead_letters, inbox, leases, ledger
from worker.pulse import BEAT

_log = log(__name__)


def tick(services: Iterable[str]) -> str:
    """Look after each service that may work; return how many bells were asked for."""
    rung = 0
    for service in services:
        try:
            rung += 0 if inbox.resting(service) else _look_after(service)
        except (SQLAlchemyError, RedisError) as error:  # the other services go on
            _log.warning("upkeep.failed", service=service, error=describe(error))
    return f"rung={rung}"


def _look_after(service: str) -> int:
    waiting = bool(inbox.backlog(service).waiting)
    rung = int(waiting and bell.ring(f"{service}.drain"))  # before Postgres: it may be away
    leases.expire(service)
    due = ledger.due(service)
    if due.fallen_back and not waiting:
        rung += bell.ring(f"{service}.drain")
    if due.retries:
        rung += bell.ring(f"{service}.retry")
    dead_letters.show_in_redis(service)
    return rung


def mark_beat() -> None:
    """Leave the time at which beat last had something run."""
    inbox.redis().set(BEAT, datetime.now(UTC).isoformat())
