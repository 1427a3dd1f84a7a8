"""Calls through httpx, for SDKs built on it."""

from collections.abc import Callable, Collection

import httpcore
import httpx

from integrations.outbound import line
from integrations.outbound.call import Call, Reply
from integrations.outbound.gate import through, timeouts
from integrations.outbound.judging import cut
from integrations.outbound.network import Backend

Fine = Callable[[httpx.Request], Collection[int]]


def _none(_request: httpx.Request) -> Collection[int]:
    return ()


class _Gate(httpx.BaseTransport):
    """Sends through the gate."""

    def __init__(self, service: str, inner: httpx.BaseTransport, fine: Fine) -> None:
        self._service = service
        self._inner = inner
        self._fine = fine

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer, read to its end. Raises what `through` does."""
        connect, read = timeouts()
        shape = httpx.Timeout(read, connect=connect).as_dict()
        request.extensions = {**request.extensions, "timeout": shape}
        url = str(request.url)
        call = Call(
            service=self._service,
            operation=line.operation(request.method, url),
            method=request.method,
            path=line.shown(url),
            fine=self._fine(request),
        )
        return through(call, lambda: self._sent(call, request))

    def _sent(self, call: Call, request: httpx.Request) -> Reply[httpx.Response]:
        try:
            found = self._inner.handle_request(request)
            found.read()  # half a body raises here
        except httpx.TransportError as error:
            raise cut(str(call), error) from error
        return Reply(found.status_code, found.headers, found)

    def close(self) -> None:
        """Close what it sends through."""
        self._inner.close()


def transport(
    service: str, inner: httpx.BaseTransport | None = None, fine: Fine = _none
) -> httpx.BaseTransport:
    """Return a transport whose every request passes the gate, for SDKs built on httpx.

    It raises what `session` does. `inner` is the transport behind the gate; answers with a
    status that is `fine` for a request are no failures.
    """
    return _Gate(service, inner or _direct(), fine)


def _direct() -> httpx.BaseTransport:
    """Return httpx' own transport; only what it is made of takes the network that we give it."""
    made = httpx.HTTPTransport()
    if isinstance(pool := getattr(made, "_pool", None), httpcore.ConnectionPool):
        pool._network_backend = Backend(pool._network_backend)  # noqa: SLF001
    return made
