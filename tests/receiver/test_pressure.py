"""When a delivery goes straight into the ledger although Redis is well: paused, long or full."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from integrations import INTEGRATIONS
from tests.receiver.deliveries import kept_in_redis, stripe_body
from worker import inbox
from worker.inbox import redis, stream

UNTIL_IT_LOOKS_AGAIN = 1.5  # seconds on the receiver's own clock


@pytest.fixture
def where(post, clock, sql):
    """Send a delivery and say where it went, the receiver having looked at Redis anew."""

    def where(service="stripe"):
        clock.ahead += UNTIL_IT_LOOKS_AGAIN
        ledger = "SELECT count(*) FROM events WHERE status = 'received'"
        before = redis().xlen(stream(service)), sql.execute(ledger).fetchone()
        assert post(service, b'{"n":%d}' % (10 * clock.ahead)).status_code == 202
        if redis().xlen(stream(service)) > before[0]:
            return "redis"
        return "postgres" if sql.execute(ledger).fetchone() > before[1] else "known already"

    return where


def test_what_falls_back_is_kept_with_all_that_a_worker_needs(post, sql):
    inbox.pause("stripe")
    body = stripe_body("evt_7")
    assert post(body=body, endpoint="connect").status_code == 202
    (kept,) = sql.execute(
        "SELECT service, endpoint, event_id, status, attempts, body, headers, type FROM events"
    ).fetchall()
    assert kept == ("stripe", "connect", "evt_7", "received", 0, body, {}, None)


def test_the_message_id_goes_into_the_ledger_too(post, sql):
    inbox.pause("clerk")
    post("clerk", b'{"type":"user.created","timestamp":1}', event_id="msg_7")
    kept = sql.execute("SELECT event_id, headers FROM events").fetchall()
    assert kept == [("msg_7", {"svix-id": "msg_7"})]


def test_a_delivery_that_fell_back_twice_is_kept_once(post, kept_in_postgres):
    inbox.pause("stripe")
    assert [post().status_code for _ in range(2)] == [202, 202]
    assert kept_in_postgres() == [("evt_1", "received")]


def test_what_was_settled_already_is_not_received_again(post, sql, kept_in_postgres):
    inbox.pause("stripe")
    post()
    sql.execute("UPDATE events SET status = 'handled'")
    assert post().status_code == 202
    assert kept_in_postgres() == [("evt_1", "handled")]


def test_deliveries_of_a_paused_service_go_into_the_ledger_until_it_is_resumed(where):
    inbox.pause("clerk")
    assert where("clerk") == "postgres"
    assert where("stripe") == "redis"
    inbox.resume("clerk")
    assert where("clerk") == "redis"


def test_a_stream_that_is_too_long_takes_nothing_until_it_is_below_half(where, setting):
    setting("INBOX_MAX_ENTRIES", 4)
    assert [where("clerk") for _ in range(5)] == ["redis"] * 4 + ["postgres"]
    assert where("stripe") == "redis"
    for left, then in [(3, "postgres"), (2, "postgres"), (1, "redis")]:
        redis().xtrim(stream("clerk"), maxlen=left, approximate=False)
        assert where("clerk") == then


def test_a_redis_that_is_fuller_than_seven_tenths_takes_nothing_until_it_is_below_half(
    where, small_memory
):
    for share, then in [
        (0.65, "redis"),
        (0.75, "postgres"),
        (0.65, "postgres"),
        (0.55, "postgres"),
        (0.45, "redis"),
        (0.65, "redis"),
    ]:
        small_memory(redis().info("memory")["used_memory"] / share)
        assert [where(name) for name in INTEGRATIONS] == [then] * len(INTEGRATIONS)


def test_a_redis_without_a_limit_is_never_full(where, small_memory):
    small_memory(0)
    assert where() == "redis"


def test_readiness_says_where_deliveries_go_when_redis_is_full(client, where, small_memory, clock):
    assert client.get("/readyz").json["redis"] == "ok"
    small_memory(redis().info("memory")["used_memory"] / 0.9)
    where()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["redis"] != "ok"


def test_readiness_notices_by_itself_that_redis_has_room_again(client, where, small_memory, clock):
    """Who asks it before sending anything would otherwise never send again."""
    small_memory(redis().info("memory")["used_memory"] / 0.9)
    where()
    small_memory(0)
    clock.ahead += UNTIL_IT_LOOKS_AGAIN
    assert client.get("/readyz").json["redis"] == "ok"


def test_a_redis_that_refuses_to_write_hands_over_to_the_ledger(post, small_memory, sql):
    """Full between two looks: an answer of Redis, not a connection that fails."""
    post("clerk", b"{}", event_id="msg_0")  # it has looked
    small_memory(1)
    assert post().status_code == 202
    small_memory(0)
    assert sql.execute("SELECT event_id FROM events").fetchall() == [("evt_1",)]
    assert not kept_in_redis()


def test_any_number_of_threads_has_its_own_way_into_redis(post, kept_in_postgres):
    together = Barrier(120)

    def send(number):
        together.wait()
        return post(body=stripe_body(f"evt_{number}")).status_code

    with ThreadPoolExecutor(120) as threads:
        assert set(threads.map(send, range(120))) == {202}
    assert len(kept_in_redis()) == 120
    assert not kept_in_postgres()
