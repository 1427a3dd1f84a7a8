"""What a part of the benchmark returns, and how rounds become one figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done in each round."""

    rounds: int
    requests: int
    calm_seconds: float
    events: int
    tasks: int
    latency_seconds: float


FULL = Size(3, requests=6000, calm_seconds=4, events=20_000, tasks=1000, latency_seconds=8)
TINY = Size(1, requests=200, calm_seconds=0.5, events=200, tasks=50, latency_seconds=0.5)


def medians(rounds: Sequence[Figures]) -> Figures:
    """Return the median of each figure over the rounds."""
    return {name: median(found[name] for found in rounds) for name in rounds[0]}


def percentile_ms(percent: int, seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=100)[percent - 1] * 1000
