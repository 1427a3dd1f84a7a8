"""Every call has one end, however slowly its answer drips: a timeout is only for silence."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_here = threading.local()


class Deadline:
    """When a call of this thread ends."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._timer: threading.Timer | None = None
        self._done = False
        self.over = False

    def left(self) -> float:
        """Return the seconds that are left, none below zero."""
        return max(self._end - time.monotonic(), 0.0)

    def watch(self, used: socket.socket | None) -> None:
        """Have the socket, which is the one that is used from now on, shut when time is up."""
        with self._lock:
            self._socket = used
        if self._timer is None:
            self._timer = threading.Timer(self.left(), self._shut)
            self._timer.daemon = True
            self._timer.start()
        elif self.over:
            self._shut()

    def _shut(self) -> None:
        """Have who reads or writes find the end; that of TLS would take its own state apart."""
        with self._lock, suppress(OSError):
            self.over = not self._done
            if self.over and self._socket is not None:
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def done(self) -> None:
        """Shut nothing any more: the connection may be somebody else's by now."""
        with self._lock:
            self._done = True
        if self._timer is not None:
            self._timer.cancel()
        self.over = self.over or not self.left()


@contextmanager
def ends_within(seconds: float) -> Iterator[Deadline]:
    """Give what is called in this block so many seconds; whether that was enough, `over` says."""
    _here.deadline = found = Deadline(seconds)
    try:
        yield found
    finally:
        found.done()
        _here.deadline = None


def current() -> Deadline | None:
    """Return the deadline of the call that this thread makes."""
    found: Deadline | None = getattr(_here, "deadline", None)
    return found
