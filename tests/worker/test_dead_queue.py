"""The Redis queue `<service>.dead`: a view of the ledger, made of real Celery messages."""

import base64
import json
from threading import Barrier, Thread

import pytest

from tests.worker.stories import delivery, drained, put
from worker import dead_letters, inbox
from worker.dead_letters import show_in_redis
from worker.search import Filter


@pytest.fixture
def dead(clean):
    put(*[delivery(f"not JSON {n}".encode()) for n in range(3)])
    drained()


def messages(service="stripe"):
    return [json.loads(m) for m in inbox.redis().lrange(f"{service}.dead", 0, -1)]


def redriven_by(message):
    args, kwargs, _ = json.loads(base64.b64decode(message["body"]))
    assert kwargs == {}
    return args


def test_the_queue_holds_one_redrive_task_for_each_dead_event(dead, ledger):
    show_in_redis("stripe")

    assert inbox.redis().llen("stripe.dead") == 3
    assert {m["headers"]["task"] for m in messages()} == {"stripe.redrive"}
    assert sorted(redriven_by(m) for m in messages()) == sorted([id] for id in ledger())


def test_the_messages_hold_no_bodies(dead):
    show_in_redis("stripe")
    assert "not JSON" not in json.dumps([redriven_by(m) for m in messages()])


def test_the_queue_is_rebuilt_when_one_is_discarded(dead, ledger):
    show_in_redis("stripe")
    gone = next(iter(ledger()))
    dead_letters.discard(Filter(id=gone), "x", 1)
    show_in_redis("stripe")

    assert inbox.redis().llen("stripe.dead") == 2
    assert [gone] not in [redriven_by(m) for m in messages()]


def test_the_queue_is_gone_when_nothing_is_dead(dead):
    show_in_redis("stripe")
    dead_letters.discard(Filter(), "x", 10)
    show_in_redis("stripe")

    assert not inbox.redis().exists("stripe.dead")


def test_the_queue_is_left_as_it_is_while_the_same_events_are_dead(dead):
    show_in_redis("stripe")
    before = messages()
    show_in_redis("stripe")

    assert messages() == before


def test_what_was_redriven_lately_and_died_again_stays_out_for_a_while(dead, sql, ledger):
    id = next(iter(ledger()))
    sql.execute("UPDATE events SET redriven_at = now() WHERE event_id = %s", [id])
    show_in_redis("stripe")
    assert [id] not in [redriven_by(m) for m in messages()]

    sql.execute("UPDATE events SET redriven_at = now() - interval '2 min'")
    show_in_redis("stripe")
    assert inbox.redis().llen("stripe.dead") == 3


def test_only_the_oldest_are_shown(dead, sql, monkeypatch):
    monkeypatch.setattr(dead_letters, "SHOWN", 2)
    show_in_redis("stripe")
    assert inbox.redis().llen("stripe.dead") == 2


def test_the_queue_is_whole_when_several_build_it_at_once(dead):
    start = Barrier(4)
    failed = []

    def build():
        start.wait()
        try:
            show_in_redis("stripe")
        except Exception as error:  # noqa: BLE001  a thread's errors are seen by nobody else
            failed.append(error)

    for _ in range(10):
        inbox.redis().delete("tallyman:dead:stripe", "stripe.dead")
        builders = [Thread(target=build) for _ in range(4)]
        for builder in builders:
            builder.start()
        for builder in builders:
            builder.join()
        assert failed == []
        show_in_redis("stripe")
        assert inbox.redis().llen("stripe.dead") == 3


def test_nothing_else_is_left_in_redis_by_building(dead):
    show_in_redis("stripe")
    assert not inbox.redis().exists("tallyman:building:stripe.dead")


def test_a_task_from_the_queue_redrives_its_event(dead, ledger):
    show_in_redis("stripe")
    (id,) = redriven_by(messages()[0])

    assert dead_letters.redrive_one("stripe", id) == "redriven"
    assert ledger()[id]["status"] == "retrying"
