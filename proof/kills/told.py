"""A Loops on loopback that counts: which idempotency keys it saw, and for whom it acted how often.

It knows a key as Loops does: the same one again is answered with 409, and nothing is done.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Told:
    """What it was told. `acts` counts by the user of the event, which here is the event's id."""

    port: int
    acts: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    keys: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hear(self, key: str, user: str) -> int:
        """Do what is asked, unless it was done under this key; return the HTTP status."""
        with self.lock:
            self.calls[user] += 1
            if key in self.keys:
                return 409
            self.keys.add(key)
            self.acts[user] += 1
            return 200

    def forget(self) -> None:
        """Know no key any more, as Loops does after 24 hours."""
        with self.lock:
            self.keys.clear()

    def settings(self) -> Mapping[str, str]:
        """Return what has a system send its effects here, as fast as it can, however old."""
        return {
            "LOOPS_API_KEY": "proof",
            "LOOPS_API_BASE": f"http://127.0.0.1:{self.port}",
            "CALL_LIMITS": "loops=100000",
            "BREAKER_OPEN_SECONDS": "1",
            "EFFECTS_MAX_AGE_HOURS": "1000000",
        }


@contextmanager
def told() -> Iterator[Told]:
    """Serve it meanwhile."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    book = Told(server.server_port)
    server.told = book  # type: ignore[attr-defined]  # what a handler knows is its server
    threading.Thread(target=server.serve_forever, name="loops", daemon=True).start()
    try:
        yield book
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer as POST /v1/events/send does."""
        book: Told = self.server.told  # type: ignore[attr-defined]  # see above
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = book.hear(self.headers["Idempotency-Key"], body["userId"])
        answer = json.dumps({"success": status == 200}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
