"""Whether a series rises: the slope of a straight line through it, with an interval.

Neighbours in time are alike, so the samples are no independent witnesses: the time is cut into
parts, longer than a fault and its aftermath, and each counts once, with its median. Through these
goes the line of least squares, with one slope for all lives and a level for each: so a process
that is killed and begins anew neither hides a leak nor feigns one. The interval is Student's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import mean

from proof.soak.series import Point, lives

HOUR = 3600
FEWEST = 3  # parts of a life: of fewer the level takes up too much
CONFIDENCE = 99  # per cent, as some dozens of series are tried: 95 would cry wolf in each run
# Student's t for it, by degrees of freedom from one on; the last one serves for more
T = (63.66, 9.92, 5.84, 4.60, 4.03, 3.71, 3.50, 3.36, 3.25, 3.17, 3.11, 3.05, 3.01, 2.98, 2.95)


@dataclass(frozen=True, slots=True)
class Slope:
    """Growth in an hour, and between what it lies."""

    hourly: float
    low: float
    high: float

    def rises(self, floor: float) -> bool:
        """Return whether it is above zero for certain, and of a size that matters."""
        return self.low > 0 and self.hourly > floor

    def __str__(self) -> str:
        return f"{self.hourly:+.2f} [{self.low:+.2f}, {self.high:+.2f}]"


def slope(parts: Sequence[Point]) -> Slope | None:
    """Return the slope, None where no life is long enough to have one."""
    long = [_centred(life) for life in lives(parts) if len(life) >= FEWEST]
    points = [point for life in long for point in life]
    freedom = len(points) - len(long) - 1
    if freedom < 1:
        return None
    spread = sum(at * at for at, _ in points)
    fit = sum(at * value for at, value in points) / spread
    error = sum((value - fit * at) ** 2 for at, value in points) / freedom
    half = T[min(freedom, len(T)) - 1] * sqrt(error / spread)
    return Slope(*(HOUR * value for value in (fit, fit - half, fit + half)))


def _centred(life: Sequence[Point]) -> list[tuple[float, float]]:
    """Return times and values as they differ from their means."""
    at, value = mean(p.at for p in life), mean(p.value for p in life)
    return [(point.at - at, point.value - value) for point in life]
