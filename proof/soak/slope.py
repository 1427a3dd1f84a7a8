"""Whether a series rises: a slope that outliers do not move, with an interval.

The slope is Theil's and Sen's: the median of the slopes between all pairs of points, here of the
same life, so that a process that is killed and begins anew neither hides a leak nor feigns one.
The interval is that of a bootstrap of the residuals in blocks, for neighbours in time are alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random
from statistics import median, quantiles

from proof.soak.series import Point, lives

HOUR = 3600
FEWEST = 6  # points of a life: fewer show no trend
BLOCK = 4  # points
RESAMPLED = 400  # times
CONFIDENCE = (
    99  # per cent, as some dozens of series are tried: one in twenty would be found wanting
)
Lives = Sequence[Sequence[Point]]


@dataclass(frozen=True, slots=True)
class Slope:
    """Growth in an hour, and between what it lies with 99 % confidence."""

    hourly: float
    low: float
    high: float

    def rises(self, floor: float) -> bool:
        """Return whether it is above zero for certain, and of a size that matters."""
        return self.low > 0 and self.hourly > floor

    def __str__(self) -> str:
        return f"{self.hourly:+.2f} [{self.low:+.2f}, {self.high:+.2f}]"


def slope(points: Sequence[Point], dice: Random) -> Slope | None:
    """Return the slope, None where no life is long enough to have one."""
    long = [life for life in lives(points) if len(life) >= FEWEST]
    if not long:
        return None
    fit = _theil_sen(long)
    fitted = [_line(life, fit) for life in long]
    residuals = [
        point.value - value
        for life, line in zip(long, fitted, strict=True)
        for point, value in zip(life, line, strict=True)
    ]
    tried = [_theil_sen(_again(long, fitted, residuals, dice)) for _ in range(RESAMPLED)]
    bounds = quantiles(tried, n=200)  # half a per cent each
    return Slope(fit * HOUR, bounds[0] * HOUR, bounds[-1] * HOUR)


def _theil_sen(long: Lives) -> float:
    return median(
        (b.value - a.value) / (b.at - a.at) for life in long for a, b in combinations(life, 2)
    )


def _line(life: Sequence[Point], fit: float) -> list[float]:
    level = median(point.value - fit * point.at for point in life)
    return [level + fit * point.at for point in life]


def _again(
    long: Lives, fitted: Sequence[Sequence[float]], residuals: Sequence[float], dice: Random
) -> list[list[Point]]:
    """Return the same lives as they might have been: the line, with other residuals."""
    drawn = _blocks(residuals, dice)
    return [
        [Point(p.at, value + drawn.pop(), p.life) for p, value in zip(life, line, strict=True)]
        for life, line in zip(long, fitted, strict=True)
    ]


def _blocks(residuals: Sequence[float], dice: Random) -> list[float]:
    """Return as many residuals, in blocks as they stood, from random places."""
    drawn: list[float] = []
    while len(drawn) < len(residuals):
        start = dice.randrange(len(residuals) - BLOCK + 1)
        drawn += residuals[start : start + BLOCK]
    return drawn
