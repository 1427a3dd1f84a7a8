"""What the loopback stand-ins of services share: they answer on a port, and fail when told to."""

import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from simulator.forms import nested
from simulator.text import JSON, read_object


@dataclass(frozen=True, slots=True)
class Fault:
    """How a request is answered instead. `done`: it was done all the same.

    `hangs`: no answer comes before the stand-in ends. `resets`: the connection is cut off.
    """

    status: int = 500
    body: bytes = b'{"success":false,"message":"the stand-in was told to fail"}'
    headers: Mapping[str, str] = field(default_factory=dict)
    done: bool = False
    hangs: bool = False
    resets: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What came in; `path` is what follows the stand-in's `url`, `headers` in lower case."""

    method: str
    path: str
    body: JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    query: JSON = field(default_factory=dict)
    content: bytes = b""


@dataclass
class StandIn:
    """A service on loopback, and the faults with which it meets the next requests, one each.

    `now` is its own clock, in Unix seconds: the `Date` of its answers.
    """

    url: str = ""
    now: Callable[[], float] = time.time
    faults: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    def do(self, request: Request) -> Fault:
        """Do what is asked; return the answer."""
        raise NotImplementedError

    def answer(self, request: Request) -> Fault:
        """Do what is asked, unless it is to fail; return the answer."""
        with self.lock:
            fault = self.faults.pop(0) if self.faults else None
            said = self.do(request) if fault is None or fault.done else None
        if fault and fault.hangs:
            self.over.wait()
        return fault or said or Fault()

    def end(self) -> None:
        """Answer what hangs."""
        self.over.set()


Api = TypeVar("Api", bound=StandIn)


@contextmanager
def serving(api: Api, port: int = 0, under: str = "") -> Iterator[Api]:
    """Run the stand-in on a loopback port, a free one by default; its `url` is `under` a path."""
    server = _Server(("127.0.0.1", port), _Handler)
    server.api, server.under = api, under
    api.url = f"http://127.0.0.1:{server.server_port}{under}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield api
    finally:
        api.end()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    api: StandIn
    under: str

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of who hung up."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


_RESET = struct.pack("ii", 1, 0)  # linger for no time: the other side sees a reset


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    wbufsize = -1  # head and body in one piece: Nagle's algorithm would wait between them

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length", 0)))
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(
            str(self.command),
            url.path.removeprefix(self.server.under),
            _body(content, headers.get("content-type", "")),
            headers,
            nested(parse_qsl(url.query, keep_blank_values=True)),
            content,
        )
        self._say(self.server.api.answer(request))

    do_GET = do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815  the library's names

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the service's own time."""
        return super().date_time_string(self.server.api.now() if timestamp is None else timestamp)

    def _say(self, fault: Fault) -> None:
        if fault.resets:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.connection.close()
            self.close_connection = True
            return
        self.send_response(fault.status)
        for name, value in {"content-type": "application/json", **fault.headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(fault.body)))
        self.end_headers()
        self.wfile.write(fault.body)

    def log_message(self, *_: Any) -> None:
        """Stay quiet."""


def _body(content: bytes, content_type: str) -> JSON:
    """Return what was posted, as a form or as JSON; {} for nothing, and for what is neither."""
    if content_type.startswith("application/x-www-form-urlencoded"):
        return nested(parse_qsl(content.decode(errors="replace"), keep_blank_values=True))
    try:
        return read_object(content)
    except ValueError:
        return {}
