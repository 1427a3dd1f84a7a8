"""What /metrics says of the calls. Workers are asked nothing: they leave their counts in Redis."""

from collections.abc import Iterator

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from integrations.outbound.durations import added_up
from integrations.outbound.keepers import buckets, calls, states

_BY_OUTCOME = ["service", "outcome"]
_STATES = ("closed", "half_open", "open")


class Figures(Collector):
    """Reads Redis when asked: the figures are those of all processes and hosts."""

    def collect(self) -> Iterator[Metric]:
        """Yield the counts; nothing before the first call and while Redis is away."""
        counted, within = calls(), buckets()
        made = CounterMetricFamily(
            "tallyman_calls_total",
            "Calls to services by what came of them: ok, permanent, transient, deferred or ours",
            labels=_BY_OUTCOME,
        )
        took = HistogramMetricFamily(
            "tallyman_call_seconds", "How long those took that were made", labels=_BY_OUTCOME
        )
        for (service, outcome), (count, seconds) in counted.items():
            made.add_metric([service, outcome], count)
            if found := within.get((service, outcome)):
                took.add_metric([service, outcome], added_up(found), seconds)
        yield from (made, took, _breakers({service for service, _ in counted}))


def _breakers(services: set[str]) -> Metric:
    found = GaugeMetricFamily(
        "tallyman_breaker_state",
        "1 for the state that a service's breaker is in, else 0",
        labels=["service", "state"],
    )
    for service, standing in states(services).items():
        for state in _STATES:
            found.add_metric([service, state], float(standing.state == state))
    return found
