"""A service on loopback that is not well: what it answers, it is told by the path."""

import json
import socket
import struct
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

JSON = {"Content-Type": "application/json"}


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.service.asked.append(self.path)
        kind, _, rest = self.path.partition("?")[0].strip("/").partition("/")
        getattr(self, f"_{kind}", self._ok)(rest)

    do_POST = do_PUT = do_HEAD = do_GET  # noqa: N815  http.server calls them so

    def answer(self, status, body=b"{}", headers=JSON, length=None):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _ok(self, _):
        self.answer(200, b'{"ok": true}', JSON | {"Request-Id": "req_1"})

    def _told(self, _):
        status, headers = self.server.service.says()
        self.answer(status, headers=headers)

    def _status(self, rest):
        status, *asked = rest.split("/")
        wait = {"Retry-After": asked[0]} if asked and asked[0].isdecimal() else {}
        self.answer(int(status), headers=JSON | wait)

    def _error_as_200(self, _):
        self.answer(200, json.dumps({"success": False, "message": "no"}).encode())

    def _html(self, _):
        self.answer(200, b"<html>Sorry!</html>", {"Content-Type": "text/html"})

    def _half(self, _):
        self.answer(200, b'{"ok": tr', length=100)
        self.close_connection = True

    def _reset(self, _):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.rfile.close()
        self.wfile.close()
        self.connection.close()

    def _never(self, _):
        self.server.service.over.wait(60)

    def _drip_headers(self, _):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        self._drip()

    def _drip_body(self, _):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        self._drip()

    def _drip_unbounded(self, _):
        """Give a body that is whole wherever it ends."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        self._drip()

    def _drip(self):
        """Send byte after byte, each in time, until the other hangs up."""
        self.close_connection = True
        with suppress(OSError):
            while not self.server.service.over.wait(0.05):
                self.wfile.write(b"x")

    def log_message(self, *_):
        pass


class _Server(ThreadingHTTPServer):
    service: "Sick"
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass  # whoever hung up, meant to


class Sick:
    """The service. `asked` has the path of every request that came."""

    def __init__(self):
        self.asked = []
        self.over = threading.Event()
        self.says = lambda: (200, JSON)
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.service = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self):
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
