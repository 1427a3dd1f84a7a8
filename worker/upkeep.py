"""Ring wherever there is work and no bell; hand on what a dead process left."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from integrations.effects import Target
from telemetry import describe, log, monitors
from worker import (
    bell,
    dead_letters,
    deliver,
    effect_leases,
    inbox,
    leases,
    ledger,
    reconcile_asked,
)
from worker.pulse import BEAT, BEATS
from worker.schedule import Entry
from worker.syncs import past_runs

STILL = 45  # seconds without a step: less than is between two looks
_log = log(__name__)
_AWAY = (SQLAlchemyError, RedisError, OperationalError)


def tick(services: Iterable[str], targets: Iterable[Target] = ()) -> str:
    """Look after each service that may work; return how many bells were asked for."""
    awake = [service for service in services if not inbox.resting(service)]
    # the streams first: Postgres may be away, or hang until this task's time is up
    rung = sum(_ring_for_stream(service) for service in awake)
    for service in awake:
        try:
            rung += _look_after(service)
        except _AWAY as error:  # the others go on
            _log.warning("upkeep.failed", service=service, error=describe(error))
    return f"rung={rung + _ring_for_effects(targets)}"


def _ring_for_stream(service: str) -> bool:
    return bool(inbox.backlog(service).waiting) and bell.ring(f"{service}.drain")


def _look_after(service: str) -> int:
    leases.expire(service)
    due = ledger.due(service)
    rung = int(due.fallen_back and bell.ring(f"{service}.drain"))
    rung += int(due.retries and bell.ring(f"{service}.retry"))
    dead_letters.show_in_redis(service)
    return rung


def _ring_for_effects(targets: Iterable[Target]) -> int:
    try:
        awake = [t.name for t in targets if t.on() and not deliver.resting(t.name)]
        return sum(bell.ring(f"{name}.deliver") for name in effect_leases.due(awake))
    except _AWAY as error:
        _log.warning("upkeep.failed", effects=True, error=describe(error))
        return 0


def runs(schedule: Mapping[str, Entry]) -> str:
    """Have those runs of syncs go on that stand still, as one does that was throttled or killed.

    Of those that the schedule has; return for how many a bell was asked.
    """
    still = [name for name in past_runs.unfinished(STILL) if name in schedule]
    rung = sum(bell.ring(schedule[name].task) for name in still)
    return f"rung={rung + reconcile_asked.ring()}"


def mark_beat(beat: str) -> None:
    """Leave the time at which beat last had something run, and which one it was."""
    now = datetime.now(UTC)
    with inbox.redis().pipeline(transaction=False) as pipe:
        pipe.set(BEAT, now.isoformat())
        pipe.zadd(BEATS, {beat: now.timestamp()})
        pipe.zremrangebyscore(BEATS, 0, now.timestamp() - 3600)
        pipe.execute()
    monitors.ran("beat", 60)
