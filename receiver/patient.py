"""gunicorn's threads behind a loop that collects requests: no thread ever waits for one.

gunicorn's own `gthread` gives a thread to a connection from its first byte on. What a thread may
still wait for is room for an answer, `_SEND_TIMEOUT` long, when the sender reads none.
"""

import selectors
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.http.errors import LimitRequestHeaders, NoMoreData  # type: ignore[import-untyped]
from gunicorn.http.parser import RequestParser  # type: ignore[import-untyped]
from gunicorn.http.unreader import Unreader  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from receiver.arrival import Arrival
from settings import settings

SECONDS = 10.0  # in which a request must have come, or its sender be gone after the last answer
_SPARED = 1.0  # of these: who has waited less is not dropped for being one too many
_AT_ONCE = 64 * 2**20  # bytes of requests in a process: beyond that, who has waited longest goes
_READ = 16_384
# an answer fits into the kernel's buffer, but for a sender who reads none of those before it
_SEND_TIMEOUT = struct.pack("ll", 1, 0)


class _Collected(Unreader):  # type: ignore[misc]  # untyped library
    """What was collected for a thread. Asking for more ends the connection."""

    head_is_too_long = False

    def chunk(self, size_hint: int | None = None) -> bytes:  # noqa: ARG002  it is gunicorn's
        if self.head_is_too_long:
            raise LimitRequestHeaders("max buffer headers")
        raise NoMoreData


class PatientWorker(ThreadWorker):  # type: ignore[misc]  # untyped library
    """Collects each request in its loop, and gives it to a thread when it is whole."""

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Refuse what would go past the collecting."""
        super().check_config(cfg, log)
        if cfg.is_ssl or cfg.http2_cleartext != "off":
            raise SystemExit("error: the receiver speaks plain HTTP/1.1: a proxy may do the rest")
        if cfg.proxy_protocol != "off":
            raise SystemExit("error: the receiver does not speak the PROXY protocol")
        sizes = cfg.limit_request_line, cfg.limit_request_fields, cfg.limit_request_field_size
        if min(sizes) <= 0:
            raise SystemExit("error: the receiver takes no heads without limits")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: dict[Any, Arrival] = {}  # by connection, in the order of their timeouts
        self._bytes = 0  # of requests that wait or are with a thread
        fields = self.cfg.limit_request_fields * (self.cfg.limit_request_field_size + 2)
        longest_head = self.cfg.limit_request_line + fields
        most = settings().receiver.max_body_bytes + 1  # one more: see receiver/app.py
        self._arrival = partial(Arrival, head=longest_head, most=most)

    def enqueue_req(self, conn: Any) -> None:
        """Collect the next request of a connection that is new, or has something to say again."""
        if conn.parser is None:
            conn.parser = RequestParser(conn.cfg, (), conn.client)
            conn.parser.unreader = _Collected()
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _SEND_TIMEOUT)
        self._listen(conn, self._collect)
        if behind_the_last := conn.parser.unreader.take_buffered():
            self._collect(conn, behind_the_last)
        self._read(conn, self._collect)

    def _listen(self, conn: Any, react: Callable[[Any, bytes], None]) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + SECONDS
        self._waiting[conn] = self._arrival()
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._read, conn, react))

    def _read(self, conn: Any, react: Callable[[Any, bytes], None], _: object = None) -> None:
        """Have what came looked at: nothing, if the sender has ended."""
        if conn not in self._waiting:
            return  # it was handed over or dropped a moment ago
        try:
            came = conn.sock.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            came = b""
        react(conn, came)

    def _collect(self, conn: Any, came: bytes) -> None:
        arrival = self._waiting[conn]
        arrival.came += came
        self._bytes += len(came)
        if arrival.whole() or (arrival.came and not came):  # gunicorn judges what broke off
            self._hand_over(conn)
        elif not came:
            self._drop(conn)
        else:
            self._encourage(conn, arrival)
        while self._bytes > _AT_ONCE and self._waiting:
            self._drop(self._oldest())

    def _encourage(self, conn: Any, arrival: Arrival) -> None:
        """Say that the body may come, to who asked."""
        if arrival.expects:
            arrival.expects = False
            with suppress(OSError):
                conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _hand_over(self, conn: Any) -> None:
        arrival = self._forget(conn)
        came = bytes(arrival.came)
        conn.parser.unreader.unread(came)
        conn.parser.unreader.head_is_too_long = arrival.head_is_too_long
        conn.size, conn.data_ready = len(came), True
        super().enqueue_req(conn)

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Answer a request, in a thread; that its body may come was said already."""
        req._expected_100_continue = False  # noqa: SLF001  gunicorn offers no other way
        try:
            return bool(super().handle_request(req, conn))
        except BlockingIOError:
            self.log.warning("A sender does not read its answers: the connection ends.")
            return False

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Listen on after an answer, be it only until the sender has closed as well."""
        self._bytes -= conn.size
        if not fs.cancelled() and not fs.exception() and fs.result():
            super().finish_request(conn, fs)
        else:
            self._part_from(conn)

    def _part_from(self, conn: Any) -> None:
        """Close our half. Were it closed whole, a reset could overtake the answer."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(conn)
        else:
            self._listen(conn, self._ignore)

    def _ignore(self, conn: Any, came: bytes) -> None:
        if not came:
            self._drop(conn)

    def murder_pending(self) -> None:
        """Drop who took too long; gunicorn's loop calls this each time."""
        now = time.monotonic()
        while self._waiting and self._oldest().timeout <= now:
            self._drop(self._oldest())
        if self.alive and self.nr_conns >= self.worker_connections:
            self._make_room(now - _SPARED)

    def _make_room(self, since: float) -> None:
        """Part from one who waits since then or longer, or those could keep others out.

        If there is none, gunicorn's loop accepts nobody for a while: the kernel lets them queue.
        """
        if self.keepalived_conns and self._kept_since(self.keepalived_conns[0]) <= since:
            self._close_kept(self.keepalived_conns.popleft())
        elif self._waiting and self._oldest().timeout - SECONDS <= since:
            self._drop(self._oldest())

    def _kept_since(self, conn: Any) -> float:
        return float(conn.timeout - self.cfg.keepalive)

    def _close_kept(self, conn: Any) -> None:
        self.poller.unregister(conn.sock)
        self._close(conn)

    def _oldest(self) -> Any:
        return next(iter(self._waiting))

    def _drop(self, conn: Any) -> None:
        self._bytes -= len(self._forget(conn).came)
        self._close(conn)

    def _forget(self, conn: Any) -> Arrival:
        self.poller.unregister(conn.sock)
        return self._waiting.pop(conn)

    def _close(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()
