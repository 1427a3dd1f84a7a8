"""What others ask of the receiver: is it alive, can it accept now, what does it count?"""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from flask import Flask, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from integrations import INTEGRATIONS
from integrations.outbound.figures import Figures
from receiver import oauth_figures, store
from telemetry import describe, log
from worker import oauth, state
from worker.contracts import changes
from worker.syncs import past_runs

Found = TypeVar("Found")
_log = log(__name__)
_asking = threading.Lock()  # a Postgres that hangs holds one of the threads, not all


def add_to(app: Flask) -> None:
    """Add /healthz, /readyz and /metrics."""
    app.add_url_rule("/healthz", view_func=healthz)
    app.add_url_rule("/readyz", view_func=readyz)
    app.add_url_rule("/metrics", view_func=metrics)


def healthz() -> Response:
    """Answer that the process lives."""
    return jsonify(status="ok")


def readyz() -> tuple[Response, int]:
    """Answer whether deliveries can be accepted now: by either store."""
    (redis, seconds), postgres = _redis(), bool(_asked(state.postgres_answers))
    answer = jsonify(
        status="ready" if redis or postgres else "unavailable",
        redis="ok" if redis else "away or full: deliveries go to Postgres",
        postgres="ok" if postgres else "away: deliveries wait in Redis",
        beat=_beat(seconds),
        beat_seconds_ago=seconds,
    )
    return answer, 200 if redis or postgres else 503


def _beat(seconds: float | None) -> str:
    """Return how beat stands. Deliveries are accepted without it, so that is no unreadiness."""
    ticks = seconds is not None and seconds <= state.BEAT_LATE
    return "ok" if ticks else "away: nothing is synced"


def _redis() -> tuple[bool, float | None]:
    """Return whether Redis takes deliveries now, and the age of beat's last sign in it."""
    try:
        return (True, state.beat_age()) if store.ready() else (False, None)
    except RedisError as error:  # it answered a moment ago
        _log.warning("probe.redis", error=describe(error))
        return False, None


def _asked(postgres: Callable[[], Found]) -> Found | None:
    """Return what Postgres says, None if it is away, or hangs on an earlier probe's question."""
    if not _asking.acquire(blocking=False):
        return None
    try:
        return postgres()
    except SQLAlchemyError as error:
        _log.warning("probe.postgres", error=describe(error))
        return None
    finally:
        _asking.release()


def metrics() -> Response:
    """Answer with all counts of this host's receiver, and the state of the stores."""
    registry = CollectorRegistry()
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # untyped library
    except ValueError:  # served without receiver/serve.py: this process counts for itself
        registry.register(REGISTRY)
    registry.register(_Stores())
    registry.register(Figures())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Stores(Collector):
    """Reads Redis and Postgres when asked: the figures are right for any number of hosts."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        up = GaugeMetricFamily("tallyman_store_up", "Whether the store answers", labels=["store"])
        try:
            yield from self._inbox()
            up.add_metric(["redis"], 1)
        except RedisError:
            up.add_metric(["redis"], 0)
        unsettled, effects = _asked(state.unsettled), _asked(state.unsettled_effects)
        overdue = _asked(lambda: state.overdue(INTEGRATIONS))
        up.add_metric(["postgres"], unsettled is not None)
        yield from (up, self._ledger(unsettled or ()), self._outbox(effects or ()))
        yield self._overdue(overdue or ())
        yield self._syncs(_asked(past_runs.ages) or ())
        yield self._contract(_asked(changes.counts) or ())
        yield from oauth_figures.metrics(_asked(oauth.standings) or ())

    def _inbox(self) -> Iterator[GaugeMetricFamily]:
        entries = GaugeMetricFamily(
            "tallyman_inbox_entries", "Deliveries waiting in Redis", labels=["service"]
        )
        oldest = GaugeMetricFamily(
            "tallyman_inbox_oldest_seconds", "Age of the oldest of them", labels=["service"]
        )
        for name in INTEGRATIONS:
            waiting, seconds = state.waiting(name)
            entries.add_metric([name], waiting)
            oldest.add_metric([name], seconds)
        beat = GaugeMetricFamily("tallyman_beat_age_seconds", "Since beat last had something run")
        if (seconds_ago := state.beat_age()) is not None:
            beat.add_metric([], seconds_ago)
        yield from (entries, oldest, beat)

    def _ledger(self, unsettled: Iterable[tuple[str, str, int]]) -> GaugeMetricFamily:
        events = GaugeMetricFamily(
            "tallyman_events_unsettled",
            "Events in the ledger that are received, retrying or dead",
            labels=["service", "status"],
        )
        for service, status, count in unsettled:
            events.add_metric([service, status], count)
        return events

    def _overdue(self, overdue: Iterable[tuple[str, float]]) -> GaugeMetricFamily:
        bodies = GaugeMetricFamily(
            "tallyman_bodies_overdue_seconds",
            "Since when the oldest body that is to leave the ledger should have",
            labels=["service"],
        )
        for service, seconds in overdue:
            bodies.add_metric([service], seconds)
        return bodies

    def _syncs(self, ages: Iterable[tuple[str, str, str, float]]) -> GaugeMetricFamily:
        syncs = GaugeMetricFamily(
            "tallyman_sync_age_seconds",
            "Since a sync last came to its end unhindered",
            labels=["service", "name", "kind"],
        )
        for service, name, kind, seconds in ages:
            syncs.add_metric([service, name, kind], seconds)
        return syncs

    def _contract(self, counts: Iterable[tuple[str, str, int]]) -> GaugeMetricFamily:
        fields = GaugeMetricFamily(
            "tallyman_contract_changes",
            "Fields of what a service tells that changed in the last seven days",
            labels=["service", "change"],
        )
        for service, change, count in counts:
            fields.add_metric([service, change], count)
        return fields

    def _outbox(self, unsettled: Iterable[tuple[str, str, int, object]]) -> GaugeMetricFamily:
        effects = GaugeMetricFamily(
            "tallyman_effects_unsettled",
            "Effects that are waiting, held or dead",
            labels=["target", "status"],
        )
        for target, status, count, _ in unsettled:
            effects.add_metric([target, status], count)
        return effects
