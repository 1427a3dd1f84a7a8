"""urllib3's connections, of which each call's deadline knows the socket."""

from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from integrations.outbound.deadline import current


class Watched:
    """Mixed into a connection: tells the deadline of its socket, be it a new one or one kept."""

    sock: Any

    def connect(self) -> None:
        """Connect."""
        super().connect()  # type: ignore[misc]  # the connection's
        self._tell()

    def request(self, *args: Any, **named: Any) -> None:
        """Send a request."""
        self._tell()
        super().request(*args, **named)  # type: ignore[misc]  # the connection's

    def _tell(self) -> None:
        if (found := current()) and self.sock is not None:
            found.watch(self.sock)


class _Plain(Watched, HTTPConnection):
    pass


class _Secure(Watched, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _PlainPool, "https": _SecurePool}
"""By scheme, as urllib3's PoolManager has them."""
