"""When a store is away or hangs: the other one takes over, and only without both is it 503."""

import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from urllib.parse import urlsplit

import psycopg
import pytest

from local import valkey
from receiver import line
from receiver.ringer import Ringer
from settings import settings
from tests.receiver.deliveries import kept_in_redis, stripe_body
from worker import inbox
from worker.inbox import redis
from worker.refused import latest


@contextmanager
def hanging(server):
    server.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.process.send_signal(signal.SIGCONT)


@pytest.fixture
def impatient(monkeypatch):
    """Shorten the wait for an answer of Redis: nothing else depends on it."""
    monkeypatch.setattr(line, "TIMEOUT", 0.2)


def test_a_delivery_goes_into_the_ledger_when_redis_is_away(post, other_redis, kept_in_postgres):
    other_redis.stop()
    answers = [post(body=stripe_body(f"evt_{n}")) for n in range(5)]
    assert {(answer.status_code, answer.json["status"]) for answer in answers} == {
        (202, "accepted")
    }
    assert kept_in_postgres() == [(f"evt_{n}", "received") for n in range(5)]


def test_redis_is_used_again_when_it_is_back(post, other_redis, tmp_path, clock):
    other_redis.stop()
    for n in range(5):
        post(body=stripe_body(f"evt_{n}"))
    again = valkey.start(tmp_path / "valkey", port=urlsplit(other_redis.url).port)
    clock.ahead += 2
    assert post(body=stripe_body("evt_5")).status_code == 202
    assert [entry[b"body"] for entry in kept_in_redis()] == [stripe_body("evt_5")]
    again.stop()


def test_a_delivery_goes_into_redis_when_postgres_is_away(post, elsewhere, no_postgres):
    elsewhere(DATABASE_URL=no_postgres)
    assert post().status_code == 202
    assert [entry[b"body"] for entry in kept_in_redis()] == [stripe_body()]


@pytest.fixture
def both_away(other_redis, elsewhere, no_postgres):
    other_redis.stop()
    elsewhere(DATABASE_URL=no_postgres)


def test_the_sender_shall_come_again_when_both_stores_are_away(post, both_away):
    answer = post()
    assert (answer.status_code, answer.json) == (503, {"error": "unavailable"})
    assert int(answer.headers["Retry-After"]) > 0


def test_a_forged_delivery_is_refused_all_the_same_when_both_stores_are_away(post, both_away):
    assert post(secret="whsec_forged").status_code == 401


def test_readiness_is_refused_only_when_both_stores_are_away(
    client, other_redis, elsewhere, no_postgres
):
    assert client.get("/readyz").status_code == 200
    other_redis.stop()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "ready")
    assert "away" in answer.json["redis"]
    elsewhere(DATABASE_URL=no_postgres)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (503, "unavailable")
    assert client.get("/healthz").status_code == 200


def test_deliveries_go_into_the_ledger_when_redis_hangs_and_redis_is_soon_left_alone(
    post, other_redis, impatient, elsewhere, kept_in_postgres
):
    elsewhere(REDIS_URL=other_redis.url)
    with hanging(other_redis):
        answers = [post(body=stripe_body(f"evt_{n}")) for n in range(10)]
    assert {answer.status_code for answer in answers} == {202}
    assert len(kept_in_postgres()) == 10
    # what was sent to it while it hung, it does now
    assert len(kept_in_redis()) <= 3


def test_one_request_at_a_time_tries_a_redis_that_hung(other_redis, elsewhere, clock, impatient):
    elsewhere(REDIS_URL=other_redis.url)
    mine, together = line.Line(), Barrier(8)

    def ask(_):
        together.wait()
        return mine.open("stripe")

    with hanging(other_redis), ThreadPoolExecutor(8) as threads:
        for _ in range(3):
            mine.open("stripe")
            clock.ahead += 2
        assert not any(threads.map(ask, range(8)))
    clock.ahead += 2
    assert mine.open("stripe")


def test_refusals_leave_redis_alone_while_it_hangs(post, other_redis, impatient, elsewhere, clock):
    elsewhere(REDIS_URL=other_redis.url)
    before = redis().info("stats")["total_connections_received"]
    with hanging(other_redis):
        for n in range(5):
            post(body=stripe_body(f"evt_{n}"))
        assert {post(headers={}).status_code for _ in range(10)} == {401}
    assert redis().info("stats")["total_connections_received"] < before + 10
    clock.ahead += 2
    post()
    post(headers={})
    assert len(latest(100)) == 1


def test_a_postgres_that_hangs_holds_only_a_few_requests(
    client, post, sql, until, kept_in_postgres
):
    inbox.pause("stripe")
    client.get("/readyz")  # looks which services are paused
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with ThreadPoolExecutor(4) as threads, psycopg.connect(sql.info.dsn, password=_password()) as c:
        c.execute("LOCK TABLE tallyman_test.events IN ACCESS EXCLUSIVE MODE")
        held = [threads.submit(post, body=stripe_body(f"evt_{n}")) for n in range(4)]
        until(lambda: sql.execute(waiting).fetchone() == (4,))
        answer = post(body=stripe_body("evt_4"))
        c.rollback()
    assert (answer.status_code, answer.json) == (503, {"error": "unavailable"})
    assert {h.result().status_code for h in held} == {202}
    assert [id for id, _ in kept_in_postgres()] == ["evt_0", "evt_1", "evt_2", "evt_3"]


def _password():
    return urlsplit(settings().stores.database_url).password


def test_the_ringer_rings_again_after_redis_was_away(other_redis, tmp_path, until):
    ringer = Ringer()
    ringer.ring("stripe.drain")
    until(lambda: redis().llen("stripe"))
    other_redis.stop()
    ringer.ring("clerk.drain")
    until(lambda: not ringer._asked)
    again = valkey.start(tmp_path / "valkey", port=urlsplit(other_redis.url).port)
    until(lambda: redis().llen("clerk"), lambda: ringer.ring("clerk.drain"))
    again.stop()
