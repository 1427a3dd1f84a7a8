"""What was measured over time, by the lives of what was measured."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Kind:
    """What is measured, in which unit, and what growth in an hour would matter to an operator."""

    name: str
    unit: str
    floor: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A value. `life` is the pid, where the value begins anew when the process does."""

    of: str
    kind: Kind
    value: float
    life: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """A value at a time, in seconds from the start."""

    at: float
    value: float
    life: int = 0


@dataclass(frozen=True, slots=True)
class Series:
    """One thing over time. Lives overlap where several processes do the same."""

    of: str
    kind: Kind
    points: Sequence[Point]

    @property
    def title(self) -> str:
        """Return what a chart of it is called."""
        return f"{self.of}: {self.kind.name}"


Sample = tuple[float, Sequence[Reading]]


def series(samples: Iterable[Sample]) -> list[Series]:
    """Return everything that was read, each by itself, in the order of its first reading."""
    found: dict[tuple[str, Kind], list[Point]] = defaultdict(list)
    for at, readings in samples:
        for reading in readings:
            point = Point(at, reading.value, reading.life)
            found[reading.of, reading.kind].append(point)
    return [Series(of, kind, points) for (of, kind), points in found.items()]


def csv(found: Iterable[Series]) -> str:
    """Return all that was read, for whoever wants to try another test."""
    lines = [
        f"{one.of},{one.kind.name},{point.life},{point.at:.1f},{point.value:g}"
        for one in found
        for point in one.points
    ]
    return "\n".join(["of,what,life,seconds,value", *lines, ""])


def lives(points: Iterable[Point]) -> list[list[Point]]:
    """Return the points of each life."""
    found: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        found[point.life].append(point)
    return list(found.values())


def settled(points: Iterable[Point], after: float, age: float) -> list[Point]:
    """Return what counts: from `after` on, and of a process that was born meanwhile, from `age`."""
    return [
        point
        for life in lives(points)
        for point in life
        if point.at >= after and (not point.life or point.at >= life[0].at + age)
    ]


def thinned(points: Iterable[Point], seconds: float) -> Iterator[Point]:
    """Yield, for each life, the medians of so many seconds each: a fault's spike is no trend."""
    found: dict[tuple[int, int], list[Point]] = defaultdict(list)
    for point in points:
        found[point.life, int(point.at // seconds)].append(point)
    for (life, _), some in found.items():
        yield Point(median(p.at for p in some), median(p.value for p in some), life)
