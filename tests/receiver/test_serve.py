"""The receiver as gunicorn serves it: several processes, their counts, their end."""

import http.client
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from local import child
from local.server import free_port
from settings import ROOT, settings
from tests.receiver.deliveries import kept_in_redis, signed, stripe_body
from worker import inbox

pytestmark = pytest.mark.e2e


class Served:
    """A receiver that runs in processes of its own."""

    def __init__(self, folder):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder, self.log = folder, folder / "log"
        environment = os.environ | {
            "PORT": str(self.port),
            "RECEIVER_WORKERS": "2",
            "MAX_BODY_BYTES": "5000",
            "TMPDIR": str(folder),
            "HOME": str(folder),
        }
        with self.log.open("wb") as output:
            self.process = child.start(
                [
                    Path(sys.executable).with_name("gunicorn"),
                    "-c",
                    "receiver/serve.py",
                    "receiver.app:create_app()",
                ],
                output=output,
                env=environment,
                folder=ROOT,
            )

    def answers(self):
        try:
            return requests.get(f"{self.url}/healthz", timeout=10).ok
        except requests.ConnectionError:
            assert self.process.poll() is None, self.log.read_text()
            return False

    def post(self, body, headers=None):
        headers = signed("stripe", body) if headers is None else headers
        return requests.post(f"{self.url}/webhooks/stripe", data=body, headers=headers, timeout=60)

    def count(self, outcome):
        families = text_string_to_metric_families(requests.get(f"{self.url}/metrics").text)  # noqa: S113
        samples = [sample for family in families for sample in family.samples]
        labels = {"service": "stripe", "outcome": outcome}
        return sum(
            s.value
            for s in samples
            if s.name == "tallyman_receiver_requests_total" and s.labels == labels
        )

    def processes(self):
        return psutil.Process(self.process.pid).children()

    def counting(self):
        """Return how many processes have counted something."""
        return len(list(self.folder.glob("tallyman-metrics-*/counter_*.db")))


@pytest.fixture(scope="module")
def shared(tables, tmp_path_factory):
    """Give a receiver that several tests may use; none of them ends it."""
    shared = Served(tmp_path_factory.mktemp("receiver"))
    yield shared
    child.end(shared.process)


@pytest.fixture
def served(shared, clean, until):
    until(shared.answers)
    return shared


@pytest.fixture
def doomed(clean, tmp_path):
    """Give a receiver that is about to start, for the test that ends it."""
    doomed = Served(tmp_path)
    yield doomed
    child.end(doomed.process)


def test_a_receiver_of_two_processes_accepts_refuses_and_counts_as_one(served, until):
    bodies = [stripe_body(f"evt_{n}") for n in range(20)]
    before = served.count("accepted")
    assert {served.post(body).status_code for body in bodies} == {202}
    assert [entry[b"body"] for entry in kept_in_redis()] == bodies
    more = []
    until(lambda: served.counting() == 2, lambda: more.append(served.post(stripe_body())))
    forged = [served.post(b"{}", signed("stripe", b"{}", secret="whsec_x")) for _ in range(3)]
    assert {answer.status_code for answer in forged} == {401}
    for _ in range(4):  # whichever process answers
        assert served.count("accepted") == before + len(bodies) + len(more)
        assert served.count("signature_mismatch") == len(forged)


@pytest.mark.parametrize(("size", "status"), [(5000, 202), (5001, 413), (50_000, 413)])
def test_a_body_that_comes_in_chunks_is_bounded_too(served, size, status):
    body = b" " * size
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    headers = signed("stripe", body)
    chunks = (body[at : at + 1000] for at in range(0, size, 1000))
    connection.request("POST", "/webhooks/stripe", chunks, headers, encode_chunked=True)
    assert connection.getresponse().status == status
    connection.close()


def test_nothing_is_left_behind_when_the_receiver_is_told_to_end(
    doomed, until, sql, kept_in_postgres
):
    """What it has in hand it finishes."""
    inbox.pause("stripe")
    until(doomed.answers)
    processes = doomed.processes()
    password = urlsplit(settings().stores.database_url).password
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with ThreadPoolExecutor() as threads, psycopg.connect(sql.info.dsn, password=password) as other:
        other.execute("LOCK TABLE tallyman_test.events IN ACCESS EXCLUSIVE MODE")
        in_hand = threads.submit(doomed.post, stripe_body())
        until(lambda: sql.execute(waiting).fetchone() == (1,))
        doomed.process.send_signal(signal.SIGTERM)
        until(lambda: b"Handling signal: term" in doomed.log.read_bytes())
        other.rollback()
    assert in_hand.result().status_code == 202
    assert kept_in_postgres() == [("evt_1", "received")]
    assert doomed.process.wait(60) == 0
    assert not any(process.is_running() for process in processes)
    assert [path.name for path in doomed.folder.iterdir()] == ["log"]


def test_no_process_survives_the_main_one_when_that_is_killed(doomed, until):
    until(doomed.answers)
    until(lambda: doomed.counting() == 2, lambda: doomed.post(stripe_body()))
    processes = doomed.processes()
    for process in processes:
        process.suspend()  # one that is busy does not look whether its parent is still there
    os.kill(doomed.process.pid, signal.SIGKILL)
    doomed.process.wait(60)
    until(lambda: not any(process.is_running() for process in processes))
