"""A process ends between what it did outside and what it notes of it; the next one goes on."""

import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from integrations.r2 import R2
from settings import ROOT
from simulator import r2
from tests.worker.archives import OLD, bodies, objects, run, told
from tests.worker.stories import POLICY, T0, invoice
from worker import search
from worker.drain import drain
from worker.pulls import pull


@pytest.fixture
def killed(tmp_path):
    """Run Python in a process that ends at a fault point."""

    def end(point, code, **env):
        (tmp_path / point).touch()
        found = os.environ | {"FAULT_POINTS": str(tmp_path)} | env
        done = subprocess.run(
            [sys.executable, "-c", code], env=found, cwd=ROOT, check=False, timeout=60
        )
        assert done.returncode == -signal.SIGKILL
        assert not (tmp_path / point).exists()

    return end


@pytest.fixture
def queue_url(queue):
    """The address at which the queue answers other processes."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            content = self.rfile.read(int(self.headers["content-length"]))
            url = f"http://{self.headers['host']}{self.path}"
            answer = queue(httpx.Request("POST", url, headers=dict(self.headers), content=content))
            self.send_response(answer.status_code)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_):
            """Stay quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/client/v4"
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_ends_when_it_has_archived_archives_nothing_twice(
    killed, archiving, bucket, sql, ledger
):
    told(invoice("evt_1"), invoice("evt_2"))
    sql.execute(OLD)
    killed("archive.stored", "from worker import archive; archive.retire(['stripe'])")
    (key,) = objects(bucket)
    assert None not in bodies(ledger).values()

    assert run() == "left=2"
    assert objects(bucket) == [key]
    assert search.body("stripe", "evt_1") == invoice("evt_1").body


def test_what_ends_when_it_has_kept_what_it_pulled_counts_nothing_twice(
    killed, queue, queue_url, ledger
):
    queue.tell(r2.notification("PutObject", r2.stored(), T0))
    code = "from integrations.r2 import R2; from worker.pulls import pull; pull(R2)"
    killed("pull.kept", code, CLOUDFLARE_BASE_URL=queue_url)
    assert [row["status"] for row in ledger().values()] == ["received"]
    assert len(queue.waiting) == 1  # never acknowledged

    pull(R2)
    assert queue.waiting == {}
    assert drain(R2, POLICY) == "handled=1 left=0"
