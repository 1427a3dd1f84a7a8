"""A reconcile that somebody asked for, who does not wait for it: workers carry it out in slices.

What is asked stands in Redis, and is forgotten with it: then one asks again.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from integrations.sources import SYNCS
from integrations.syncs import Sync
from worker import bell, reconcile
from worker.inbox import redis
from worker.sync import Outcome
from worker.syncs import in_turn
from worker.syncs.accounts import accounts

ASKED = "tallyman:reconcile"
_OVER = ("complete", "failed")
# in one step, and only where it is as it was read: else it was called off, or asked for anew
_REPLACE = """
    if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
    if ARGV[3] == '' then return redis.call('HDEL', KEYS[1], ARGV[1]) end
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
    return 1
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: `apply` repairs, else it only looks.

    `over` is what has ended, and `failed` what of it did so without being complete.
    """

    apply: bool
    by: str = ""
    over: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def ask(service: str, *, apply: bool, by: str = "") -> bool:
    """Have a service reconciled from the start; return False where that is asked for already."""
    first = redis().hsetnx(ASKED, service, _written(Asked(apply, by)))
    bell.ring(_task(service))
    return bool(first)


def asked() -> dict[str, Asked]:
    """Return what is asked for and not over, by service."""
    found: Any = redis().hgetall(ASKED)
    return {service.decode(): _read(told) for service, told in found.items()}


def _read(told: bytes) -> Asked:
    found = json.loads(told)
    over, failed = tuple(found["over"]), tuple(found.get("failed", ()))  # before, there was none
    return Asked(found["apply"], found["by"], over, failed)


def _written(asked: Asked) -> str:
    return json.dumps(asdict(asked))


def _replace(service: str, told: bytes | str, new: str) -> bool:
    """Keep the new in the place of what was told, '' for none; return whether that stood there."""
    return bool(redis().eval(_REPLACE, 1, ASKED, service, told, new))


def forget(service: str) -> bool:
    """Go on with it no more; return whether it was asked for."""
    return bool(redis().hdel(ASKED, service))


def ring() -> int:
    """Ring for what is asked for, as a worker may have died over it; return for how many."""
    return sum(bell.ring(_task(service)) for service in asked() if service in SYNCS)


def _task(service: str) -> str:
    return f"{service}.sync.asked"


def carry_on(service: Sync) -> str:
    """Reconcile what is left, for a slice; return how it went, as Flower shows it.

    One that is stopped, as the service is away, goes on a minute later. At the end it is told what
    has failed.
    """
    told: Any = redis().hget(ASKED, service.name)
    if told is None:
        return "nothing is asked for"
    given = _read(told)
    for account, types in _left(service, given):
        outcomes = reconcile.run(
            service, apply=given.apply, account=account, only=types, task=_task(service.name)
        )
        given = _noted(given, account, outcomes)
        if not _replace(service.name, told, new := _written(given)):
            return f"{in_turn.shown(outcomes)}, and called off"
        told = new
        if not all(one.status in _OVER for one in outcomes.values()):
            return in_turn.shown(outcomes)
    if not any(_left(service, given)) and _replace(service.name, told, ""):
        return f"failed: {' '.join(given.failed)}" if given.failed else "complete"
    bell.ring(_task(service.name))
    return "running"


def _left(service: Sync, given: Asked) -> Iterator[tuple[str, list[str]]]:
    """Yield the types that are left, for each account."""
    types = [c.object_type for c in service.collections if c.whole or c.fetch]
    for account in accounts(service.name):
        if left := [name for name in types if f"{account}/{name}" not in given.over]:
            yield account, left


def _noted(given: Asked, account: str, outcomes: Mapping[str, Outcome]) -> Asked:
    def those(*statuses: str) -> list[str]:
        return [f"{account}/{n}" for n, one in outcomes.items() if one.status in statuses]

    over, failed = (*given.over, *those(*_OVER)), (*given.failed, *those("failed"))
    return replace(given, over=over, failed=failed)
