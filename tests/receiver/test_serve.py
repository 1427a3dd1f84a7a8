"""The receiver as gunicorn serves it: several processes, their counts, their end."""

import http.client
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psycopg
import pytest

from settings import settings
from tests.receiver.deliveries import kept_in_redis, signed, stripe_body
from worker import inbox

pytestmark = pytest.mark.e2e


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
