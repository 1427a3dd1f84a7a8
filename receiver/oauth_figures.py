"""What /metrics says of connections, and of the flows that make them."""

from collections.abc import Iterator, Sequence
from typing import Any

from prometheus_client import Counter
from prometheus_client.core import GaugeMetricFamily

FLOWS = Counter(
    "tallyman_oauth_flows_total",
    "Flows that connect accounts, by service and outcome: begun, connected or a reason code",
    ["service", "outcome"],
)

_FIGURES = (
    ("tallyman_oauth_connections", "connections", "Connections to accounts of others"),
    ("tallyman_oauth_failures", "failures", "Vain attempts to renew since the last good ones"),
    ("tallyman_oauth_expires_seconds", "ends_in", "Until the first of their tokens ends"),
    ("tallyman_oauth_refresh_age_seconds", "refreshed_ago", "Since the stalest was renewed"),
)
_BY_STATUS = ["service", "status"]


def metrics(standings: Sequence[Any]) -> Iterator[GaugeMetricFamily]:
    """Yield the figures of what `worker.oauth.standings` returned."""
    for name, column, what in _FIGURES:
        found = GaugeMetricFamily(name, what, labels=_BY_STATUS)
        for row in standings:
            if (value := getattr(row, column)) is not None:
                found.add_metric([row.service, row.status], float(value))
        yield found
