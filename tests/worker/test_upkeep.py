"""Upkeep rings wherever there is work and no bell; bells are bounded."""

import json

import pytest

from settings import settings
from tests.worker.stories import POLICY, SERVICES, delivery, drained, invoice, put, retried
from tests.worker.targets import Service
from worker import attempts, bell, effect_leases, inbox, leases, upkeep
from worker.ledger import Record, keep

BOUND = settings().inbox.doorbells


def bells(queue="stripe"):
    return [json.loads(m)["headers"]["task"] for m in inbox.redis().lrange(queue, 0, -1)]


@pytest.mark.parametrize("task", ["stripe.drain", "stripe.retry", "upkeep.tick"])
def test_bells_never_exceed_the_bound(task, clean):
    for _ in range(3 * BOUND):
        assert bell.ring(task)

    assert bells(bell.queue_of(task)) == [task] * BOUND


def test_a_bell_rings_for_what_waits_in_a_stream(clean):
    put(invoice())

    assert upkeep.tick(SERVICES) == "rung=1"
    assert bells() == ["stripe.drain"]
    assert bells("clerk") == []


def test_no_bell_rings_when_nothing_is_to_do(clean):
    assert upkeep.tick(SERVICES) == "rung=0"
    assert bells() + bells("stripe.work") + bells("clerk") + bells("clerk.work") == []


def test_a_bell_rings_for_retries_that_are_due(failed):
    upkeep.tick(SERVICES)
    assert bells("stripe.work") == ["stripe.retry"]


def test_no_bell_rings_for_retries_that_are_not_due_yet(failed, sql):
    sql.execute("UPDATE events SET retry_at = now() + interval '1 h'")
    upkeep.tick(SERVICES)
    assert bells("stripe.work") == []


def test_no_bell_rings_for_a_retry_that_somebody_has_in_hand(failed):
    leases.lease("stripe")
    upkeep.tick(SERVICES)
    assert bells("stripe.work") == []


def test_a_bell_rings_for_deliveries_that_fell_back(clean):
    keep(Record(invoice(), "evt_1", "received", attempts=0))
    upkeep.tick(SERVICES)
    assert bells() == ["stripe.drain"]


def test_a_fallen_back_delivery_whose_batch_ended_is_handed_to_the_retries(sql, ledger):
    keep(Record(invoice(), "evt_1", "received", attempts=0))
    leases.fallen_back("stripe", 10)
    sql.execute("UPDATE events SET lease_until = now() - interval '1 s'")
    upkeep.tick(SERVICES)

    assert ledger()["evt_1"]["status"] == "retrying"
    assert bells("stripe.work") == ["stripe.retry"]
    assert retried() == {"handled": 1}


def test_a_paused_service_is_left_alone(failed, ledger):
    put(invoice("evt_2"))
    inbox.pause("stripe")

    assert upkeep.tick(SERVICES) == "rung=0"
    assert drained() == {}
    assert attempts.retry(SERVICES["stripe"], POLICY) == "resting"
    assert (ledger()["evt_1"]["attempts"], len(ledger())) == (1, 1)

    inbox.resume("stripe")
    assert drained() == {"handled": 1, "left": 0}
    assert retried() == {"handled": 1}


def test_a_pause_of_one_service_leaves_the_others_working(clean):
    put(invoice())
    inbox.pause("clerk")
    assert upkeep.tick(SERVICES) == "rung=1"


def test_a_tick_shows_the_dead_letters_in_redis(clean):
    put(delivery(b"not JSON"))
    drained()
    upkeep.tick(SERVICES)

    assert inbox.redis().llen("stripe.dead") == 1


@pytest.fixture
def loops(sql):
    """Two effects for a Loops of the test's own."""
    for _ in range(2):
        sql.execute("INSERT INTO effects (target, action, entity) VALUES ('loops', 'show', 'x')")
    yield Service()
    inbox.redis().delete("tallyman:resting:loops.deliver")


def rung(service):
    return upkeep.tick(SERVICES, [service.target()]), bells("loops.work")


def test_a_bell_rings_for_effects_that_are_due(loops):
    assert rung(loops) == ("rung=1", ["loops.deliver"])


def test_no_bell_rings_for_effects_that_are_not_due_or_in_hand(loops, sql):
    sql.execute("UPDATE effects SET retry_at = now() + interval '1 h'")
    assert rung(loops) == ("rung=0", [])
    sql.execute("UPDATE effects SET retry_at = now()")
    assert effect_leases.lease("loops") is not None
    assert rung(loops) == ("rung=0", [])


@pytest.mark.parametrize("why", ["off", "paused", "blocked"])
def test_no_bell_rings_for_a_target_to_which_nothing_is_sent(why, loops):
    loops.on = why != "off"
    if why == "paused":
        inbox.pause("loops")
    if why == "blocked":
        inbox.rest("loops.deliver", 60)
    assert rung(loops) == ("rung=0", [])
