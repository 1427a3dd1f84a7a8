"""What the workers count, as a hash in Redis: right for any number of processes and hosts.

A task gathers its counts and writes them in one step at its end. What a killed task had gathered is
lost, as is all while Redis is away: these are figures, the ledger is what is true.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any

from redis.exceptions import RedisError

from telemetry import describe, log
from worker.inbox import redis

KEY = "tallyman:figures"
_BETWEEN = "|"
_SUM = "sum"
# one command for all: a drain of a single event would notice so many
_ADD = "for i = 1, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end"
_log = log(__name__)


@dataclass(frozen=True, slots=True)
class Measure:
    """A counter, or with `bounds` (upper ones, in seconds) a histogram of times."""

    name: str
    what: str
    labels: tuple[str, ...]
    bounds: tuple[float, ...] = ()

    @property
    def buckets(self) -> tuple[str, ...]:
        """Return the names of the buckets, as Prometheus has them."""
        return (*(str(float(bound)) for bound in self.bounds), "+Inf")


EVENTS = Measure(
    "tallyman_events_total",
    "Deliveries that a worker dealt with, by what became of them",
    ("service", "outcome"),
)
EFFECTS = Measure(
    "tallyman_effects_total",
    "Attempts to perform effects, by what became of them",
    ("target", "outcome"),
)
SYNCS = Measure(
    "tallyman_sync_slices_total",
    "Slices of syncs, by how they ended",
    ("service", "kind", "outcome"),
)
WAIT = Measure(
    "tallyman_wait_seconds",
    "From when a delivery was accepted until a worker took it",
    ("service",),
    (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
)
APPLY = Measure(
    "tallyman_apply_seconds",
    "How long it took to read a batch and commit it",
    ("service",),
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
)
MEASURES = (EVENTS, EFFECTS, SYNCS, WAIT, APPLY)


class Tally:
    """What one task has counted so far."""

    def __init__(self) -> None:
        self._found: Counter[str] = Counter()

    def count(self, measure: Measure, *labels: str, by: int = 1) -> None:
        """Count something."""
        self._found[_BETWEEN.join((measure.name, *labels))] += by

    def counts(self, measure: Measure, service: str, outcomes: Mapping[str, int]) -> None:
        """Count what became of a batch."""
        for outcome, number in outcomes.items():
            self.count(measure, service, outcome, by=number)

    def times(self, measure: Measure, service: str, seconds: Sequence[float]) -> None:
        """Count each of these times."""
        start = _BETWEEN.join((measure.name, service, ""))
        for place, number in Counter(bisect_left(measure.bounds, s) for s in seconds).items():
            self._found[start + measure.buckets[place]] += number
        self._found[start + _SUM] += round(sum(seconds) * 1e6)  # microseconds: a whole number

    def write(self) -> None:
        """Add it to what all have counted, and begin anew. Raises nothing because of Redis."""
        found, self._found = self._found, Counter()
        if not found:
            return
        try:
            added: list[Any] = [*chain(*found.items())]
            redis().eval(_ADD, 1, KEY, *added)
        except RedisError as error:
            _log.warning("measures.lost", error=describe(error))


def count(measure: Measure, service: str, outcomes: Mapping[str, int]) -> None:
    """Count what became of things, and write that. Raises nothing because of Redis."""
    tally = Tally()
    tally.counts(measure, service, outcomes)
    tally.write()


Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Times:
    """A histogram as Prometheus has it: (bound, how many took no longer), and all seconds."""

    buckets: Sequence[tuple[str, float]]
    seconds: float


def read() -> dict[str, dict[Labels, Any]]:
    """Return {measure: {labels: count, or Times}}. Raises RedisError."""
    kept: Any = redis().hgetall(KEY)
    found: defaultdict[str, dict[Labels, Any]] = defaultdict(dict)
    for field, number in kept.items():
        name, *labels = field.decode().split(_BETWEEN)
        found[name][tuple(labels)] = int(number)
    timed = {m.name: _times(m, found[m.name]) for m in MEASURES if m.bounds}
    return {m.name: timed.get(m.name, found[m.name]) for m in MEASURES}


def _times(measure: Measure, kept: Mapping[Labels, int]) -> dict[Labels, Times]:
    sets = dict.fromkeys(labels[:-1] for labels in kept)
    return {labels: _timed(measure, labels, kept) for labels in sets}


def _timed(measure: Measure, labels: Labels, kept: Mapping[Labels, int]) -> Times:
    numbers = accumulate(kept.get((*labels, bucket), 0) for bucket in measure.buckets)
    buckets = [*zip(measure.buckets, map(float, numbers), strict=True)]
    return Times(buckets, kept.get((*labels, _SUM), 0) / 1e6)
