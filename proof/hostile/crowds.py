"""Many at once: forged floods, slow senders, half-open connections, floods of headers."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count

from proof.hostile import wire
from proof.hostile.answers import Try
from proof.hostile.book import NO_ANSWER, NOT_SENT, Book
from proof.hostile.door import Door
from proof.hostile.signing import signed

_OPENING = 200  # connections opened at the same moment: more, and the kernel's queue drops them
_SPEAKING = 1000  # connections opened, and not written to yet: more, and they are dropped as silent
PATIENCE = 60.0  # seconds: the last of ten thousand waits for all others
_EXTENSION = 60_000  # bytes of a chunk's head
_LIMIT = 1_048_576  # bytes: the receiver's own limit, as it is set by default

SHORT = 15.0  # seconds for the whole part: below that, crowds are small, and soon gone

Come = Callable[["Street", int, float], Coroutine[None, None, None]]


class Street:
    """Where the crowd stands: before a door, with somebody taking notes."""

    def __init__(self, door: Door, book: Book, name: str) -> None:
        self.door, self.book, self._name = door, book, name
        self._numbers = count()

    def forged(self) -> Try:
        """Return a forgery like no other."""
        body = b'{"id":"evt_forged_%s_%d"}' % (self._name.encode(), next(self._numbers))
        headers = signed("stripe", "whsec_forged", body)
        return Try("flood of forgeries", wire.request("/webhooks/stripe", headers, body))

    async def try_all(self, tries: Iterator[Try], silent: int = _SPEAKING) -> None:
        """Make all tries, and take down what comes of each; so many at most are silent at once."""
        opening = asyncio.Semaphore(silent)
        await asyncio.gather(*(self._try(one, opening) for one in tries))

    async def _try(self, tried: Try, opening: asyncio.Semaphore) -> None:
        """Try; an answer is due to who was connected, and had said all."""
        heard = await wire.ask(self.door.address, tried.sent, PATIENCE, opening)
        if heard.said:
            self.book.enter(tried, heard.answers)
        else:
            self.book.enter(replace(tried, due=False), heard.answers, NOT_SENT)


async def flood(street: Street, size: int, _seconds: float) -> None:
    """Forge, one after the other without a pause, however long the answers take."""
    await street.try_all(street.forged() for _ in range(size))


async def late_flood(street: Street, size: int, _seconds: float) -> None:
    """Forge, all at once: who connects first speaks late, and may be dropped before."""
    forged = (street.forged() for _ in range(size))
    late = (replace(one, attack="forgeries all at once", due=False) for one in forged)
    await street.try_all(late, silent=size)


async def header_flood(street: Street, size: int, _seconds: float) -> None:
    """Send thousands of headers, and headers of a megabyte; an answer may be lost on the way.

    Who closes while more is coming resets the connection, and a reset may overtake the answer.
    """
    many = [(f"X-{n}", "x") for n in range(5000)]
    floods = [many, [("X-Long", "x" * _LIMIT)], [("X" * _LIMIT, "x")], many[:99]]
    sent = [wire.request("/webhooks/stripe", floods[n % 4]) for n in range(size)]
    await street.try_all(Try("flood of headers", one, due=False) for one in sent)


async def too_large(street: Street, size: int, _seconds: float) -> None:
    """Send more than is taken, properly signed; the answer may be lost as above."""
    body = b" " * (_LIMIT + 1)
    headers = signed("stripe", street.door.secrets["stripe"], body)
    sent = wire.request("/webhooks/stripe", headers, body)
    await street.try_all(Try("bodies too large", sent, due=False) for _ in range(size))


async def slow_headers(street: Street, size: int, seconds: float) -> None:
    """Begin a head, and add a header each second."""
    head = b"POST /webhooks/stripe HTTP/1.1\r\nHost: localhost\r\n"
    await _held(street, Try("slow headers", head, due=False), size, seconds, b"X-Slow: 1\r\n")


async def slow_bodies(street: Street, size: int, seconds: float) -> None:
    """Begin a body, and add a byte each second."""
    head = b"POST /webhooks/stripe HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n"
    await _held(street, Try("slow bodies", head, due=False), size, seconds, b" ")


async def slow_chunk_heads(street: Street, size: int, seconds: float) -> None:
    """Begin a chunk with an extension that does not end, and add a byte each second."""
    head = (
        b"POST /webhooks/stripe HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    begun = head + b"1;" + b"x" * _EXTENSION
    await _held(street, Try("slow chunk heads", begun, due=False), size, seconds, b"x")


async def silent(street: Street, size: int, seconds: float) -> None:
    """Connect, and say nothing."""
    await _held(street, Try("silence", b"", due=False), size, seconds, b"")


async def vanishing(street: Street, size: int, _seconds: float) -> None:
    """Send half a request, and be gone."""
    half = wire.request("/webhooks/stripe", {}, b"x" * 5000)[:2500]
    await _held(street, Try("vanished", half, due=False), size, 0, b"")


async def _held(street: Street, tried: Try, size: int, seconds: float, more: bytes) -> None:
    opening = asyncio.Semaphore(_OPENING)
    end = time.monotonic() + seconds
    await asyncio.gather(*(_hold(street, tried, end, more, opening) for _ in range(size)))


async def _hold(
    street: Street, tried: Try, end: float, more: bytes, opening: asyncio.Semaphore
) -> None:
    """Keep a connection until the end, and drop it then without a goodbye."""
    nothing = NOT_SENT
    with suppress(OSError):
        async with opening:
            _, writer = await asyncio.open_connection(*street.door.address)
        writer.write(tried.sent)
        nothing = NO_ANSWER
        while (left := end - time.monotonic()) > 0 and not writer.is_closing():
            await asyncio.sleep(min(1, left))
            writer.write(more)
        wire.vanish(writer)
    street.book.enter(tried, [], nothing)


@dataclass(frozen=True, slots=True)
class Crowd:
    """A kind of crowd: `most` come; in the short version so many for each second of it.

    `stays`: they come to stay, and whoever else comes meanwhile must be served all the same.
    """

    come: Come
    most: int
    a_second: float
    stays: bool = False

    def size(self, seconds: float) -> int:
        """Return how many come, when the part may take so many seconds."""
        return self.most if seconds >= SHORT else int(self.a_second * seconds) + 1


CROWDS = {
    "flood of forgeries": Crowd(flood, 10_000, 100),
    "forgeries all at once": Crowd(late_flood, 10_000, 100),
    "slow headers": Crowd(slow_headers, 1000, 20, stays=True),
    "slow bodies": Crowd(slow_bodies, 1000, 20, stays=True),
    "slow chunk heads": Crowd(slow_chunk_heads, 1000, 20, stays=True),
    "silence": Crowd(silent, 1000, 20, stays=True),
    "vanished": Crowd(vanishing, 1000, 20),
    "flood of headers": Crowd(header_flood, 100, 2),
    "bodies too large": Crowd(too_large, 50, 1),
}
