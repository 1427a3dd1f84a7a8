"""The pitfalls of test_pitfalls.py that lie with workers and stores: 8 to 10, 12 to 14, 17, 20."""

import json
import signal
from itertools import permutations
from urllib.parse import urlsplit

import pytest
from sqlalchemy import delete

from db.session import transaction
from integrations.interface import Snapshot
from integrations.stripe import STRIPE
from local import valkey
from tests import handlers
from tests.receiver.deliveries import kept_in_redis
from tests.worker.stories import (
    DUE,
    T0,
    age,
    customer,
    customer_event,
    drained,
    fail,
    invoice,
    retried,
)
from worker import inbox, rows, upkeep
from worker.inbox import redis

BODY = invoice().body
NAMES = "SELECT name, deleted_at IS NULL FROM stripe_customers"
LEDGER = "SELECT event_id, status FROM events ORDER BY 1"


def test_08_an_event_is_not_done_and_runs_again_when_the_process_ends_within_its_handler(post, sql):
    def die(session, _event):
        session.execute(delete(STRIPE.mirrors["customer"].model))
        raise KeyboardInterrupt

    post(body=customer_event("evt_0").body)
    drained()
    handlers.behaviour["invoice.paid"] = die
    post(body=BODY)
    with pytest.raises(KeyboardInterrupt):
        drained()
    assert sql.execute(LEDGER).fetchall() == [("evt_0", "handled")]
    assert sql.execute(NAMES).fetchall() == [("Ada", True)]

    handlers.behaviour.clear()
    age()
    assert drained() == {"handled": 1, "left": 0}


def test_09_upkeep_rings_when_a_delivery_was_kept_and_nobody_was_told(clean):
    inbox.put(invoice())  # as if the receiver had died between the two
    assert redis().llen("stripe") == 0
    upkeep.tick({"stripe": STRIPE})
    assert redis().llen("stripe") == 1
    assert drained() == {"handled": 1, "left": 0}


def test_10_nothing_is_lost_when_redis_is_killed_while_deliveries_wait(post, other_redis, tmp_path):
    bodies = [invoice(f"evt_{n}").body for n in range(20)]
    assert all(post(body=body).status_code == 202 for body in bodies)
    other_redis.process.send_signal(signal.SIGKILL)
    other_redis.process.wait()
    again = valkey.start(tmp_path / "valkey", port=urlsplit(other_redis.url).port)
    try:
        assert [entry[b"body"] for entry in kept_in_redis()] == bodies
    finally:
        again.stop()


def test_10_what_waits_in_the_ledger_is_not_lost_when_redis_is_flushed(post, sql):
    handlers.behaviour["invoice.paid"] = fail
    post(body=BODY)
    drained()
    inbox.pause("stripe")
    redis().flushall()
    handlers.behaviour.clear()
    sql.execute(DUE)
    assert retried() == {"handled": 1}
    assert sql.execute(LEDGER).fetchall() == [("evt_1", "handled")]


def test_12_two_updates_of_one_second_end_in_the_same_row_in_either_order(post, sql):
    two = [customer_event("evt_a", T0, name="A"), customer_event("evt_b", T0, name="B")]
    ends = set()
    for way in permutations(two):
        sql.execute("TRUNCATE events, stripe_customers")
        for delivery in way:
            post(body=delivery.body)
            drained()
        ends.add(tuple(sql.execute(NAMES).fetchall()))
    assert len(ends) == 1


def test_13_what_was_deleted_stays_deleted_when_an_update_comes_late(post, sql):
    post(body=_deletion(T0 + 5))
    drained()
    post(body=customer_event("evt_late", T0).body)
    drained()
    assert sql.execute(NAMES).fetchall() == [("Ada", False)]


def _deletion(at):
    gone = {"object": "customer", "id": "cus_1", "deleted": True}
    event = {"id": "evt_gone", "object": "event", "type": "customer.deleted", "created": at}
    return json.dumps(event | {"livemode": False, "data": {"object": gone}}).encode()


def test_14_the_newer_of_two_fetches_stands_when_the_older_is_written_last(sql):
    columns = {"account": "", "livemode": False, "api_version": "2025-03-31.basil"}
    for seconds, name in [(T0 + 1, "Newer"), (T0, "Older")]:
        fetched = Snapshot(
            "customer", customer(name=name), seconds * 1000, "refetch", columns=columns
        )
        with transaction() as session:
            rows.upsert(session, [(fetched, STRIPE.mirrors["customer"].project(fetched))])
    assert sql.execute(NAMES).fetchall() == [("Newer", True)]


def test_17_a_retry_runs_once_when_it_waits_longer_than_the_visibility_timeout(post, sql):
    handlers.behaviour["invoice.paid"] = fail
    post(body=BODY)
    drained()
    sql.execute("UPDATE events SET retry_at = now() + interval '1 day'")
    assert redis().zcard("unacked_index") == 0  # nothing waits where a timeout could repeat it
    assert retried() == {}
    handlers.behaviour.clear()
    handlers.calls.clear()
    sql.execute(DUE)
    assert (retried(), retried()) == ({"handled": 1}, {})
    assert len(handlers.calls) == 1


def test_20_events_are_kept_and_applied_afterwards_when_their_service_is_paused(post, client, sql):
    inbox.pause("stripe")
    client.get("/readyz")  # looks which services are paused
    assert post(body=BODY).status_code == 202
    drained()
    assert handlers.calls == []
    assert sql.execute(LEDGER).fetchall() == [("evt_1", "received")]
    inbox.resume("stripe")
    assert drained()["handled"] == 1
    assert sql.execute(LEDGER).fetchall() == [("evt_1", "handled")]
