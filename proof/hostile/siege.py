"""Crowds before the door, one kind after the other, while real senders go in and out."""

import asyncio
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from proof.context import Context
from proof.hostile import wire
from proof.hostile.answers import SERVER_ERROR
from proof.hostile.book import Book
from proof.hostile.crowds import CROWDS, SHORT, Street
from proof.hostile.door import Door
from proof.hostile.senders import Senders, Sent, milliseconds
from proof.hostile.settled import REAL
from proof.hostile.watch import Watch, rss_mib
from proof.report import Table

GREW, TURNED_AWAY = "memory grew", "real senders turned away"
NOBODY = "nobody else"
STAYING = [name for name, crowd in CROWDS.items() if crowd.stays]
LONG = 12.0  # seconds: longer than the receiver waits for a request
_FILES, _SPARE_FILES = 11_000, 200  # that may be open, and are beside the crowd
_FEWEST_ROUNDS = 3  # the first one warms up: what it leaves is what later ones are held against
_FEW = 5  # real senders told to come again, or one in a thousand if that is more


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
    rss, watch = [rss_mib(door)], Watch(door, book)
    with Senders(door.address, door.secrets) as senders:
        while len(rss) <= _FEWEST_ROUNDS or time.monotonic() < end:
            late = time.monotonic() > end
            phases += _round(context, door, book, len(rss), late=late)
            rss.append(rss_mib(door))
            watch.look(f"round {len(rss) - 1} of the crowds")
            context.say(f"round {len(rss) - 1}: the receiver has {rss[-1]:.0f} MiB")
        sent = senders.end()
    _enter(book, sent)
    _judge(book, phases, sent, rss)
    book.notes += [*_cut(context, phases), _numbers(rss)]
    return [_times(phases, sent), _memory(rss)]


def _enter(book: Book, sent: Sequence[Sent]) -> None:
    """Take down what may be in the tables, and what must be."""
    book.signed |= {one.body for one in sent}
    book.accepted |= {one.body: REAL for one in sent if one.served}


def _round(context: Context, door: Door, book: Book, number: int, *, late: bool) -> Iterator[Phase]:
    street = Street(door, book, f"{context.seed}_{number}")
    for name, crowd in CROWDS.items():
        held, start = stay(name, context.seconds, number, late=late), time.monotonic()
        time.sleep(min(2, held / 5))
        yield Phase(NOBODY, 0, start, time.monotonic())
        size, start = min(crowd.size(context.seconds), _files()), time.monotonic()
        asyncio.run(crowd.come(street, size, held))
        yield Phase(name, size, start, time.monotonic())
        wire.exchange(door.address, wire.request("/healthz", method="GET"))  # all have gone


def stay(crowd: str, seconds: float, number: int, *, late: bool) -> float:
    """Return how long a crowd stays: in each round one stays long, another each time.

    The first round has it in any case but in the short version, later ones while there is time.
    """
    long = seconds >= SHORT and STAYING[(number - 1) % len(STAYING)] == crowd
    if long and (number == 1 or not late):
        return LONG
    return min(LONG, max(1.0, seconds / 40))


def _files() -> int:
    """Return how many connections we may have, after asking for as many as are needed."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = _FILES if most == resource.RLIM_INFINITY else min(most, _FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return files - _SPARE_FILES


def _judge(book: Book, phases: Sequence[Phase], sent: Sequence[Sent], rss: Sequence[float]) -> None:
    for phase in phases:
        broke = [one.status for one in phase.of(sent) if not (one.served or one.honest)]
        book.find(SERVER_ERROR, (f"{s} to a real sender: {phase.crowd}" for s in broke))
        if phase.crowd in STAYING and phase.starved(sent):
            book.find(SERVER_ERROR, [f"real senders had to wait for the end: {phase.crowd}"])
    if away := turned_away(sent):
        book.find(TURNED_AWAY, [f"{away} of {len(sent)} got an honest 503, with both stores up"])
    book.find(GREW, [_numbers(rss)] if grew(rss) else [])


def turned_away(sent: Sequence[Sent]) -> int:
    """Return how many were told to come again, 0 for a few."""
    away = sum(one.honest for one in sent)
    return away if away > max(_FEW, len(sent) / 1000) else 0


def _cut(context: Context, phases: Sequence[Phase]) -> list[str]:
    """Return what to say of crowds that are smaller than they should have been."""
    cut = {
        f"{phase.crowd}: {phase.size} instead of {CROWDS[phase.crowd].size(context.seconds)}"
        for phase in phases
        if phase.crowd != NOBODY and phase.size < CROWDS[phase.crowd].size(context.seconds)
    }
    return [f"The limit of open files cut crowds. {'; '.join(sorted(cut))}."] if cut else []


def grew(rss: Sequence[float]) -> bool:
    """Return whether the last round left more than the first: a quarter, and 16 MiB, are noise."""
    return rss[-1] > bound(rss)


def bound(rss: Sequence[float]) -> float:
    """Return the MiB that the last round may leave."""
    return rss[1] * 1.25 + 16


def _numbers(rss: Sequence[float]) -> str:
    rounds = ", ".join(f"{mib:.0f}" for mib in rss[1:])
    allowed = f"at most {bound(rss):.0f} (a quarter and 16 MiB above the first) are allowed"
    return f"The receiver had {rss[0]:.0f} MiB before, {rounds} after the rounds; {allowed}."


_HEADS = [
    *("beside the real senders", "how many", "real requests", "served", "honest 503"),
    *("p50 ms", "p99 ms"),
]


def _times(phases: Sequence[Phase], sent: Sequence[Sent]) -> Table:
    rows = []
    for crowd in (NOBODY, *CROWDS):
        mine = [phase for phase in phases if phase.crowd == crowd]
        real = [one for phase in mine for one in phase.of(sent)]
        served = sum(one.served for one in real)
        size = max(phase.size for phase in mine)
        later = sum(one.honest for one in real)
        rows.append((crowd, size, len(real), served, later, *milliseconds(real)))
    return Table(_HEADS, rows)


def _memory(rss: Sequence[float]) -> Table:
    rows = [("before" if n == 0 else f"round {n}", f"{mib:.1f}") for n, mib in enumerate(rss)]
    return Table(["the receiver's memory", "MiB"], rows)
