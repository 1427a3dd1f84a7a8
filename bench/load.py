"""Posts prepared requests over kept-alive connections, in one thread of the benchmark's process."""

import selectors
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Self

CONNECTIONS = 32


class Line:
    """A connection that carries one request at a time, `since` when it was due."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.since = 0.0
        self._answer = b""

    def send(self, request: bytes, due: float) -> None:
        """Send a request; its answer counts from when it was due."""
        self._answer, self.since = b"", due
        self.socket.sendall(request)

    def answered(self) -> bool:
        """Read what has come; return whether the answer is whole. It must be a 202."""
        self._answer += self.socket.recv(4096)
        head, end, body = self._answer.partition(b"\r\n\r\n")
        if not end:
            return False
        assert head.startswith(b"HTTP/1.1 202 "), head
        return len(body) >= int(head.lower().partition(b"content-length: ")[2].split()[0])


class Lines(ExitStack):
    """Connections to one server, watched for answers; `took` is the seconds of each answer."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._selector = self.enter_context(selectors.DefaultSelector())
        self.all = [Line(port) for _ in range(CONNECTIONS)]
        self.took: list[float] = []

    def __enter__(self) -> Self:
        for line in self.all:
            self.enter_context(line.socket)
            self._selector.register(line.socket, selectors.EVENT_READ, line)
        return self

    def answers(self, patience: float | None = None) -> list[Line]:
        """Return the lines that are free again, after waiting for one."""
        ready = [key.data for key, _ in self._selector.select(patience)]
        free = [line for line in ready if line.answered()]
        now = time.perf_counter()
        self.took += [now - line.since for line in free]
        return free


@dataclass(frozen=True, slots=True)
class Flood:
    """How long a number of answers took, all together and each, in seconds."""

    seconds: float
    took: Sequence[float]

    @property
    def rate(self) -> float:
        """Return the answers a second."""
        return len(self.took) / self.seconds


def flood(port: int, requests: Sequence[bytes]) -> Flood:
    """Send each request as soon as a connection is free."""
    pending = iter(requests)
    with Lines(port) as lines:
        start, free = time.perf_counter(), lines.all
        while len(lines.took) < len(requests):
            for line, request in zip(free, pending, strict=False):
                line.send(request, time.perf_counter())
            free = lines.answers()
        return Flood(time.perf_counter() - start, lines.took)


def paced(
    lines: Lines, requests: Sequence[bytes], rate: float, meanwhile: Callable[[], object]
) -> Iterator[float]:
    """Send so many a second, however slow the answers; yield when each was due."""
    start = time.perf_counter()
    for number, request in enumerate(requests):
        due = start + number / rate
        while time.perf_counter() < due:
            meanwhile()
        lines.all[number % CONNECTIONS].send(request, due)
        yield due
