"""The plain pipeline does its work, and the comparison is fair to it."""

import pytest
from redis import Redis

from integrations.errors import Permanent, Transient
from integrations.schema import dump
from proof.checker import Verdict
from proof.context import Context
from proof.kills.ground import Ground
from proof.load import event
from proof.plain.pipeline import QUEUE, waiting
from proof.plain.run import FAULTS, HEADS, outcome, plan
from settings import settings
from tests import handlers
from tests.receiver.deliveries import signed

BODY = dump(event("o1", 1)).encode()
TYPE = "customer.subscription.updated"
CONTEXT = Context(1, 60, print)


@pytest.fixture
def broker(sql):
    """The plain pipeline's own part of Redis, empty."""
    from proof.plain.tasks import BROKER

    with Redis.from_url(BROKER) as redis:
        redis.flushdb()
        yield redis
        redis.flushdb()


@pytest.fixture
def plain_app():
    from proof.plain.tasks import app

    return app


@pytest.fixture
def door(broker):
    from proof.plain.receiver import app

    return app.test_client()


@pytest.fixture
def run(sql):
    """Run the task as a worker would; return how the ledger has the event then."""
    from proof.plain.tasks import apply

    def task():
        apply.apply(args=(BODY.decode(),))
        return sql.execute("SELECT event_id, status, attempts FROM events").fetchall()

    return task


def queued():
    return waiting(settings().stores.redis_url)


def test_what_is_signed_waits_in_redis(door):
    answer = door.post("/webhooks/stripe", data=BODY, headers=signed("stripe", BODY))
    assert (answer.status_code, queued()) == (202, {"evt_o1_1"})


def test_what_is_forged_does_not(door):
    headers = signed("stripe", BODY, secret="whsec_" + "00" * 16)
    answer = door.post("/webhooks/stripe", data=BODY, headers=headers)
    assert (answer.status_code, queued()) == (401, set())


def test_what_a_worker_has_taken_still_waits(door, broker, plain_app):
    door.post("/webhooks/stripe", data=BODY, headers=signed("stripe", BODY))
    with plain_app.connection_for_read() as connection:
        assert connection.default_channel.basic_get(QUEUE)
        assert broker.llen(QUEUE) == 0
        assert queued() == {"evt_o1_1"}


def test_an_event_is_applied_once(run):
    run()
    assert run() == [("evt_o1_1", "handled", 1)]
    assert len(handlers.calls) == 1


def test_what_fails_is_tried_again(run):
    def once(_session, event):
        if event.attempt == 1:
            raise Transient("not now")

    handlers.behaviour[TYPE] = once
    assert run() == [("evt_o1_1", "handled", 2)]


def test_what_cannot_work_is_kept_as_dead(run):
    def never(_session, _event):
        raise Permanent("never")

    handlers.behaviour[TYPE] = never
    assert run() == [("evt_o1_1", "dead", 1)]


def test_what_still_waits_is_stuck_and_not_lost():
    verdict = Verdict(
        9, applied=4, waiting=0, retrying=1, dead=1, lost=["a", "b", "c"], doubled=["d"]
    )
    ground = Ground(None, CONTEXT)  # type: ignore[arg-type]  # nothing runs
    ground.kills.update(["x", "x"])
    told = outcome("plain Celery", ground, verdict, 6.7, {"b", "z"})
    assert (told.lost, told.stuck) == (["a", "c"], 2)
    assert dict(zip(HEADS, told.row(), strict=True)) == {
        "pipeline": "plain Celery",
        "accepted": 9,
        "kills": 2,
        "applied": 4,
        "dead": 1,
        "lost": 2,
        "doubled": 1,
        "stuck": 2,
        "settled after (s)": "7",
    }


def test_both_get_the_same_faults():
    assert plan(CONTEXT) == plan(CONTEXT)
    assert {fault.name for fault, _ in plan(CONTEXT)} <= {fault.name for fault in FAULTS}
    assert len(FAULTS) == 5
