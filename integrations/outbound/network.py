"""httpx' network, in which no wait is longer than what is left of the call."""

import ssl
from typing import Any

import httpcore

from integrations.outbound.deadline import current


def _left(timeout: float | None) -> float | None:
    """Return the timeout, or what is left. Raises httpcore.ReadTimeout when nothing is."""
    if (end := current()) is None:
        return timeout
    if not (left := end.left()):
        raise httpcore.ReadTimeout("the call took too long")
    return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    """A connection."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class Backend(httpcore.NetworkBackend):
    """Makes connections."""

    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(self, *args: Any, **named: Any) -> httpcore.NetworkStream:
        """Return a connection."""
        return _Stream(self._inner.connect_tcp(*args, **named))
