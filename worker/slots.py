"""How many threads a service may hold, and whether one of them hangs."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock, get_ident

from settings import settings

_counting = Lock()
_slots: dict[str, BoundedSemaphore] = {}
_begun: dict[int, float] = {}  # when the task of each thread took its slot
_held: Counter[str] = Counter()


def share(threads: int, services: Iterable[str]) -> None:
    """Let a service hold at most half of this process' threads from now on."""
    _slots.update({name: BoundedSemaphore(max(1, threads // 2)) for name in services})


@contextmanager
def slot(*services: str) -> Iterator[bool]:
    """Hold a thread meanwhile, one of each's; give whether each had one left."""
    taken = list(_taken(services))
    mine = len(taken) == len(services)
    if mine:
        _begin(services)
    try:
        yield mine
    finally:
        if mine:
            _end(services)
        for slots in taken:
            slots.release()


def _begin(services: Iterable[str]) -> None:
    _begun[get_ident()] = time.monotonic()
    with _counting:
        _held.update(services)


def _end(services: Iterable[str]) -> None:
    with _counting:
        _held.subtract(services)
    del _begun[get_ident()]


def _taken(services: Iterable[str]) -> Iterator[BoundedSemaphore]:
    for name in services:
        slots = _slots.setdefault(name, BoundedSemaphore())
        if not slots.acquire(blocking=False):
            return
        yield slots


def held() -> dict[str, int]:
    """Return how many threads of this process each service holds."""
    with _counting:
        return dict(_held)


def stuck() -> bool:
    """Return whether a thread has been at it for so long that its lease is over.

    No time limit reaches a thread: only the end of its process frees it.
    """
    longest = settings().inbox.time_slice_seconds + settings().inbox.reclaim_idle_seconds
    return any(time.monotonic() - begun > longest for begun in list(_begun.values()))
