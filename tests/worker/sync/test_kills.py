"""A process that ends in the middle of a catch-up: the next goes on, and nothing is missing."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from integrations.sources import SYNCS
from settings import ROOT, settings
from tests.worker.sync.stripe_log import event
from worker.syncs import catch_up

EVENTS = 120
CODE = """
from integrations.sources import SYNCS
from worker.syncs import catch_up
catch_up.catch_up(SYNCS["stripe"], seconds=30)
"""


@pytest.fixture
def stripe(stripe_key, monkeypatch):
    """A Stripe that other processes can ask: an event a second, the last ten minutes ago."""
    events = [event(f"evt_{n}", int(time.time()) - 600 - n) for n in range(EVENTS)]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked = {name: v[0] for name, v in parse_qs(urlsplit(self.path).query).items()}
            since, until = int(asked["created[gte]"]), int(asked["created[lt]"])
            found = [one for one in events if since <= one["created"] < until]
            told = {"object": "list", "data": found[:100], "has_more": len(found) > 100}
            content = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            """Stay quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    monkeypatch.setenv("STRIPE_API_BASE", f"http://127.0.0.1:{server.server_port}")
    settings.cache_clear()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_catch_up_that_is_killed_goes_on(stripe, sql, runs, tmp_path):
    sql.execute(
        "INSERT INTO sync_runs (service, name, kind, status, started_at)"
        " VALUES ('stripe', 'events', 'catch_up', 'failed', now() - interval '1 h')"
    )
    points = [tmp_path / point for point in ("sync.asked", "sync.committed")]
    for point in points:
        point.touch()
    for _ in points:
        found = os.environ | {"FAULT_POINTS": str(tmp_path)}
        done = subprocess.run([sys.executable, "-c", CODE], env=found, cwd=ROOT, check=False)
        assert done.returncode == -signal.SIGKILL
        sql.execute("UPDATE sync_cursors SET lease_until = now() - interval '1 s'")
    assert not any(point.exists() for point in points)

    assert catch_up.catch_up(SYNCS["stripe"], seconds=60).status == "complete"
    (_, last) = runs()
    assert (last["status"], last["there"], last["fetched"]) == ("complete", EVENTS, EVENTS)
    assert sql.execute("SELECT count(*) FROM events").fetchone() == (EVENTS,)
