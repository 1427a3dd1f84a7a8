"""What became of each series after the warm-up: its level, its slope, and whether it leaks."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from proof.context import Context
from proof.report import Finding, Table
from proof.soak.series import Series, settled, thinned
from proof.soak.slope import CONFIDENCE, Slope, slope

PARTS = 16  # of the time, of which each counts with its median
WARM_UP = 1 / 4  # of the time
YOUTH = 1 / PARTS  # of the time: a process that is born after the warm-up has one of its own


@dataclass(frozen=True, slots=True)
class Trend:
    """A series, its median after the warm-up, and its slope; None where nothing lived so long."""

    series: Series
    level: float
    slope: Slope | None

    @property
    def rises(self) -> bool:
        """Return whether it grows, by more than its floor."""
        return self.slope is not None and self.slope.rises(self.series.kind.floor)

    def row(self) -> list[object]:
        """Return it as the report's table shows it."""
        kind, level = self.series.kind, f"{self.level:,.1f}"
        floor, rises = f"{kind.floor:g}", "RISES" if self.rises else "no"
        shown = [str(self.slope), floor, rises] if self.slope else ["lived too short", floor, "-"]
        return [self.series.title, kind.unit, level, *shown]


def trends(context: Context, found: Iterable[Series]) -> list[Trend]:
    """Return what became of each."""
    told: list[Trend] = []
    for one in found:
        points = settled(one.points, context.seconds * WARM_UP, context.seconds * YOUTH)
        if points:
            level = median(point.value for point in points)
            parts = list(thinned(points, context.seconds / PARTS))
            told.append(Trend(one, level, slope(parts)))
    return told


def table(told: Iterable[Trend]) -> Table:
    """Return all of them as one table."""
    interval = f"growth in an hour [{CONFIDENCE} % interval]"
    heads = ["what", "unit", "level after warm-up", interval, "matters above", "rises"]
    return Table(heads, [trend.row() for trend in told])


def findings(told: Iterable[Trend]) -> list[Finding]:
    """Return those that rise."""
    return [
        Finding("rises", f"{t.series.title}: {t.slope} {t.series.kind.unit} in an hour")
        for t in told
        if t.rises
    ]
