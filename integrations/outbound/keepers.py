"""Who remembers: Redis for all processes; while it is away, each process for itself."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from redis.exceptions import RedisError

from integrations.outbound.alone import Alone
from integrations.outbound.keeper import Keeper, Lately, Standing
from integrations.outbound.limits import SERVICES
from integrations.outbound.shared import Shared
from settings import settings
from telemetry import describe, log

Found = TypeVar("Found")
_log = log(__name__)


class Keepers:
    """Asks Redis, and this process' own memory for some seconds after Redis failed."""

    rest = 5.0  # seconds

    def __init__(self) -> None:
        self._shared: Keeper = Shared()
        self._alone: Keeper = Alone()
        self._away_until = 0.0

    def ask(self, question: Callable[[Keeper], Found]) -> Found:
        """Return the answer. Raises nothing because of Redis."""
        if time.monotonic() >= self._away_until:
            try:
                return question(self._shared)
            except RedisError as error:
                self._away_until = time.monotonic() + self.rest
                _log.warning("gate.alone", seconds=self.rest, error=describe(error))
        return question(self._alone)


KEEPERS = Keepers()


def states(services: Iterable[str] = SERVICES) -> Mapping[str, Standing]:
    """Return how each service stands with its breaker."""
    failures = settings().outbound.breaker_failures
    return {name: _standing(name, failures) for name in services}


def _standing(service: str, failures: int) -> Standing:
    return KEEPERS.ask(lambda keeper: keeper.standing(service, failures))


def calls() -> Mapping[tuple[str, str], tuple[int, float]]:
    """Return {(service, outcome): (calls, seconds they took)} of all processes and hosts.

    Empty while Redis is away.
    """
    return KEEPERS.ask(lambda keeper: keeper.calls())


def buckets() -> Mapping[tuple[str, str], Mapping[str, int]]:
    """Return {(service, outcome): {bucket: calls}}. Empty while Redis is away."""
    return KEEPERS.ask(lambda keeper: keeper.buckets())


def lately(minutes: int) -> Lately:
    """Return what came of the calls of the last minutes. Empty while Redis is away."""
    return KEEPERS.ask(lambda keeper: keeper.lately(minutes))
