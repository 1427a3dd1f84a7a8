"""A look at the receiver's processes: whether one has ended, and how much memory they have."""

from contextlib import suppress

import psutil

from proof.hostile.book import Book
from proof.hostile.door import Door

ENDED = "receiver process ended"


class NotOursError(Exception):
    """Whoever answers at the address is not one of the processes that we may attack."""


class Watch:
    """Knows the processes that were there, and finds each one once that is not any more."""

    def __init__(self, door: Door, book: Book) -> None:
        self._door, self._book = door, book
        self._there = pids(door)

    def look(self, after: str) -> None:
        """Take down who has ended, whether it was replaced or not."""
        now = pids(self._door)
        gone, new = sorted(self._there - now), sorted(now - self._there)
        self._book.find(ENDED, (f"pid {pid}, during: {after}; new: {new}" for pid in gone))
        self._there = now


def pids(door: Door) -> set[int]:
    """Return the receiver's processes; none while it is down."""
    with suppress(psutil.NoSuchProcess):
        return set(door.pids())
    return set()


def check_ours(door: Door) -> None:
    """Return if one of our processes listens there. Raises NotOursError."""
    listening = {port for pid in pids(door) for port in _ports(pid)}
    if door.address[1] not in listening:
        raise NotOursError(f"{door.url} is served by another program, or by none")


def _ports(pid: int) -> list[int]:
    with suppress(psutil.NoSuchProcess):
        lines = psutil.Process(pid).net_connections("tcp")
        return [line.laddr.port for line in lines if line.status == psutil.CONN_LISTEN]
    return []


def rss_mib(door: Door) -> float:
    """Return the memory of all processes together."""
    return sum(_rss(pid) for pid in pids(door)) / 2**20


def _rss(pid: int) -> int:
    with suppress(psutil.NoSuchProcess):  # it ends at this moment
        return int(psutil.Process(pid).memory_info().rss)
    return 0
