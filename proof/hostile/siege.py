"""Crowds before the door, one kind after the other, while real senders go in and out."""

import asyncio
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psutil

from proof.context import Context
from proof.hostile import wire
from proof.hostile.answers import SERVER_ERROR
from proof.hostile.book import Book
from proof.hostile.crowds import CROWDS, Street
from proof.hostile.door import Door
from proof.hostile.senders import Senders, Sent, milliseconds
from proof.report import Table

GREW = "memory grew"
NOBODY = "nobody else"
STAYING = {name for name, crowd in CROWDS.items() if crowd.stays}
_FILES, _SPARE_FILES = 11_000, 200  # that may be open, and are beside the crowd
_FEWEST_ROUNDS = 2  # the first one warms up: what it leaves is what later ones are held against


@dataclass(frozen=True, slots=True)
class Phase:
    """From when till when, on the monotonic clock, who stood before the door."""

    crowd: str
    size: int
    start: float
    end: float

    def of(self, sent: Sequence[Sent]) -> list[Sent]:
        """Return what was due meanwhile."""
        return [one for one in sent if self.start <= one.due < self.end]

    def starved(self, sent: Sequence[Sent]) -> bool:
        """Return whether most who came in the first half were not served before the end."""
        middle = (self.start + self.end) / 2
        early = [one for one in self.of(sent) if one.due < middle]
        served = [one for one in early if one.due + one.took <= self.end]
        return 2 * len(served) < len(early)


def besiege(context: Context, door: Door, book: Book, seconds: float) -> list[Table]:
    """Send all crowds, again and again until the time is up; return what became of the others."""
    end = time.monotonic() + seconds
    phases: list[Phase] = []
    rss = [_rss_mib(door)]
    with Senders(door.address, door.secrets) as senders:
        while len(rss) <= _FEWEST_ROUNDS or time.monotonic() < end:
            phases += _round(context, door, book, f"{context.seed}_{len(rss)}")
            rss.append(_rss_mib(door))
            context.say(f"round {len(rss) - 1}: the receiver has {rss[-1]:.0f} MiB")
        sent = senders.end()
    book.signed |= {one.body for one in sent}
    _judge(book, phases, sent, rss)
    return [_times(phases, sent), _memory(rss)]


def _round(context: Context, door: Door, book: Book, of: str) -> Iterator[Phase]:
    held = min(10.0, max(1.0, context.seconds / 40))
    for name, crowd in CROWDS.items():
        start = time.monotonic()
        time.sleep(held / 5)
        yield Phase(NOBODY, 0, start, time.monotonic())
        size, start = min(crowd.size(context.seconds), _files()), time.monotonic()
        asyncio.run(crowd.come(Street(door, book, of), size, held))
        yield Phase(name, size, start, time.monotonic())
        wire.exchange(door.address, wire.request("/healthz", method="GET"))  # all have gone


def _files() -> int:
    """Return how many connections we may have, after asking for as many as are needed."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = _FILES if most == resource.RLIM_INFINITY else min(most, _FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return files - _SPARE_FILES


def _rss_mib(door: Door) -> float:
    return sum(psutil.Process(pid).memory_info().rss for pid in door.pids()) / 2**20


def _judge(book: Book, phases: Sequence[Phase], sent: Sequence[Sent], rss: Sequence[float]) -> None:
    for phase in phases:
        turned_away = [one.status for one in phase.of(sent) if not one.served]
        book.find(SERVER_ERROR, (f"{s} to a real sender: {phase.crowd}" for s in turned_away))
        if phase.crowd in STAYING and phase.starved(sent):
            book.find(SERVER_ERROR, [f"real senders had to wait for the end: {phase.crowd}"])
    book.find(GREW, [f"from {rss[1]:.0f} MiB to {rss[-1]:.0f}"] if grew(rss) else [])


def grew(rss: Sequence[float]) -> bool:
    """Return whether the last round left more than the first: a quarter, and 16 MiB, are noise."""
    return rss[-1] > rss[1] * 1.25 + 16


def _times(phases: Sequence[Phase], sent: Sequence[Sent]) -> Table:
    rows = []
    for crowd in (NOBODY, *CROWDS):
        mine = [phase for phase in phases if phase.crowd == crowd]
        real = [one for phase in mine for one in phase.of(sent)]
        served = sum(one.served for one in real)
        size = max(phase.size for phase in mine)
        rows.append((crowd, size, len(real), served, *milliseconds(real)))
    heads = ["beside the real senders", "at once", "real requests", "served", "p50 ms", "p99 ms"]
    return Table(heads, rows)


def _memory(rss: Sequence[float]) -> Table:
    rows = [("before" if n == 0 else f"round {n}", f"{mib:.1f}") for n, mib in enumerate(rss)]
    return Table(["the receiver's memory", "MiB"], rows)
