"""What the stores know, for /metrics: the same from any host, and after any restart.

Redis and Postgres are read when asked. While one is away its figures are missing, not 0.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from integrations import INTEGRATIONS
from receiver import oauth_figures
from receiver.asking import Asking
from settings import settings
from telemetry import describe, log
from worker import measures, standing, state
from worker.contracts import changes
from worker.measures import Measure
from worker.signs import signs
from worker.syncs import past_drift, past_runs

_log = log(__name__)
_asked = Asking()


class Worked(Collector):
    """What the workers counted."""

    def collect(self) -> Iterator[Metric]:
        """Yield the counters and histograms."""
        try:
            found = measures.read()
        except RedisError as error:
            _log.warning("probe.redis", error=describe(error))
            return
        for measure in measures.MEASURES:
            yield _family(measure, found[measure.name])


def _family(measure: Measure, found: Mapping[tuple[str, ...], Any]) -> Metric:
    if not measure.bounds:
        counter = CounterMetricFamily(measure.name, measure.what, labels=measure.labels)
        for labels, number in found.items():
            counter.add_metric(labels, number)
        return counter
    histogram = HistogramMetricFamily(measure.name, measure.what, labels=measure.labels)
    for labels, times in found.items():
        histogram.add_metric(labels, times.buckets, times.seconds)
    return histogram


class Standing(Collector):
    """How things stand."""

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges."""
        up = GaugeMetricFamily("tallyman_store_up", "Whether the store answers", labels=["store"])
        try:
            yield from (*_inbox(), _states(), _workers(), *_beats())
            up.add_metric(["redis"], 1)
        except RedisError:
            up.add_metric(["redis"], 0)
        unsettled = _asked(state.unsettled)
        up.add_metric(["postgres"], unsettled is not None)
        yield from (up, *_ledger(unsettled or ()), *_syncs(), *_oauth())


def _gauge(name: str, what: str, labels: Sequence[str], rows: Iterable[Any]) -> GaugeMetricFamily:
    """Return a gauge of rows: the values of the labels, and the figure behind them."""
    found = GaugeMetricFamily(name, what, labels=labels)
    for row in rows:
        found.add_metric([str(part) for part in row[: len(labels)]], float(row[len(labels)]))
    return found


def _inbox() -> Iterator[Metric]:
    waiting = {name: state.waiting(name) for name in INTEGRATIONS}
    yield _gauge(
        "tallyman_inbox_entries",
        "Deliveries waiting in Redis",
        ["service"],
        ((name, count) for name, (count, _) in waiting.items()),
    )
    yield _gauge(
        "tallyman_inbox_oldest_seconds",
        "Age of the oldest of them",
        ["service"],
        ((name, seconds) for name, (_, seconds) in waiting.items()),
    )


def _states() -> Metric:
    return _gauge(
        "tallyman_integration_state",
        "1 for the state that an integration is in, else 0",
        ["service", "state"],
        (
            (name, state.replace(" ", "_"), state == current)
            for name, current in standing.kept().items()
            for state in standing.STATES
        ),
    )


def _workers() -> Metric:
    alive = {"processes": 0, "threads": 0}
    for sign in signs().values():
        alive[sign.pool] = alive.get(sign.pool, 0) + 1
    return _gauge(
        "tallyman_workers",
        "Workers that gave a sign of life in the last seconds, by their pool",
        ["pool"],
        alive.items(),
    )


def _beats() -> Iterator[Metric]:
    age = state.beat_age()
    yield _gauge(
        "tallyman_beat_age_seconds",
        "Since beat last had something run",
        [],
        [] if age is None else [(age,)],
    )
    beats = len(state.beats())
    yield _gauge("tallyman_beats", "Beats that had something run lately", [], [(beats,)])


def _ledger(unsettled: Iterable[Any]) -> Iterator[Metric]:
    yield _gauge(
        "tallyman_events_unsettled",
        "Events in the ledger that are received, retrying or dead",
        ["service", "status"],
        unsettled,
    )
    yield _gauge(
        "tallyman_effects_unsettled",
        "Effects that are waiting, held or dead",
        ["target", "status"],
        (row[:3] for row in _asked(state.unsettled_effects) or ()),
    )
    yield _gauge(
        "tallyman_bodies_overdue_seconds",
        "Since when the oldest body that is to leave the ledger should have",
        ["service"],
        _asked(lambda: state.overdue(INTEGRATIONS)) or (),
    )


def _syncs() -> Iterator[Metric]:
    yield _gauge(
        "tallyman_sync_age_seconds",
        "Since a sync last came to its end unhindered",
        ["service", "name", "kind"],
        _asked(past_runs.ages) or (),
    )
    yield _gauge(
        "tallyman_drift_open",
        "Objects that the last complete reconcile found to differ, and that still do",
        ["service"],
        _asked(past_drift.open_now) or (),
    )
    yield _gauge(
        "tallyman_contract_changes",
        "Fields of what a service tells that changed in the last seven days",
        ["service", "change"],
        _asked(changes.counts) or (),
    )


def _oauth() -> Iterator[Metric]:
    if settings().oauth.connects:
        # what talks to services is 20 MB that a receiver without connections does without
        from worker import oauth  # noqa: PLC0415

        yield from oauth_figures.metrics(_asked(oauth.standings) or ())
