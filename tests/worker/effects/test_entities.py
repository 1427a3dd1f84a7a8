"""What is shown is what the mirrors say at the call: one call for all of an entity that wait."""

import os
import time
from threading import Event, Thread

import psycopg
import pytest

from integrations import outbound
from integrations.errors import Transient
from settings import settings
from tests.worker.targets import EXPIRED, lost, raising
from worker import effect_leases


def test_what_is_shown_is_read_at_the_call_and_once_for_all_that_wait(loops, show, customer, kept):
    for name in ("Ada", "Bea", "Cyd"):
        customer(name)
        show()
    assert loops.delivered() == {"sent": 1}
    assert loops.names == ["Cyd"]
    leader, *others = kept()
    assert leader["status"] == "sent"
    assert {(row["status"], row["reason"]) for row in others} == {
        ("merged", f"done by effect {leader['id']}")
    }


def test_entities_are_not_merged_with_each_other(loops, show):
    show("cus_1")
    show("cus_2")
    assert loops.delivered() == {"sent": 2}


def test_a_change_that_commits_during_the_call_is_shown_by_another_call(loops, show, customer, sql):
    """Whoever took its effect along would have shown the row as it was before."""
    customer("Old")
    show()
    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        other.execute("SET search_path = tallyman_test")
        customer("New", other)
        show(connection=other)

        def commit(_sending):
            other.commit()
            loops.act = lambda _: None

        loops.act = commit
        assert loops.delivered() == {"sent": 2}
    assert loops.names == ["Old", "New"]
    assert sql.execute("SELECT count(*) FROM effects WHERE status = 'merged'").fetchone() == (0,)


def test_no_two_calls_for_an_entity_are_made_at_once(loops, show):
    show()
    begun, go_on = Event(), Event()

    def wait(_sending):
        begun.set()
        assert go_on.wait(30)

    loops.act = wait
    first = Thread(target=loops.delivered)
    first.start()
    assert begun.wait(30)
    show()
    show("cus_2")
    leased = effect_leases.lease("loops")
    assert leased is not None
    assert leased.sending.entity == "cus_2"
    assert effect_leases.lease("loops") is None
    loops.act = lambda _: None
    go_on.set()
    first.join()
    assert [sending.entity for sending, _ in loops.sent] == ["cus_1", "cus_1"]


def test_the_index_refuses_who_leases_an_entity_at_the_same_moment(loops, show, sql):
    """The other's lease is not committed yet, so that no query can see it."""
    show()
    show()
    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        other.execute("SET search_path = tallyman_test")
        other.execute(
            "UPDATE effects SET lease_token = gen_random_uuid(), lease_until = now() + '1 min'"
            " WHERE id = (SELECT min(id) FROM effects)"
        )
        found = []
        waiting = Thread(target=lambda: found.append(effect_leases.lease("loops")))
        waiting.start()
        blocked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'transactionid'"
        end = time.monotonic() + 30
        while sql.execute(blocked).fetchone() == (0,) and time.monotonic() < end:
            pass
        other.commit()
        waiting.join()
    assert found == [None]


def test_an_entity_whose_call_may_be_on_its_way_waits_for_it(loops, show, sql):
    show()
    lost(sql, loops)
    show()
    sql.execute("UPDATE effects SET retry_at = now() - interval '1 d' WHERE lease_token IS NULL")
    leased = effect_leases.lease("loops")
    assert leased is not None
    assert leased.sending.attempt == 2


def test_what_was_asked_for_at_a_later_time_is_not_done_at_once(loops, show, sql, kept):
    show()
    sql.execute("UPDATE effects SET retry_at = now() + interval '1 h'")
    show()
    assert loops.delivered() == {"sent": 1}
    assert [row["status"] for row in kept()] == ["waiting", "sent"]


def test_what_failed_before_is_done_with_the_next(loops, show, kept):
    loops.act = raising(Transient("busy", retry_after=600))
    show()
    loops.delivered()
    loops.act = lambda _: None
    show()
    assert loops.delivered() == {"sent": 1}
    assert [row["status"] for row in kept()] == ["merged", "sent"]


def test_a_call_that_could_come_after_the_next_ones_is_not_made(loops, show, customer, sql, kept):
    """Its lease ran out while it read; the next has begun since."""
    customer("Old")
    show()

    def stall(_sending):
        loops.before = lambda _: None
        later = time.monotonic() + settings().inbox.reclaim_idle_seconds
        clock.setattr(time, "monotonic", lambda: later)
        sql.execute(EXPIRED)
        customer("New")
        assert effect_leases.lease("loops")

    loops.before = stall
    with pytest.MonkeyPatch.context() as clock:
        assert loops.delivered() == {"let go": 1}
    assert loops.sent == []


def test_a_call_whose_lease_holds_hardly_any_longer_is_no_attempt(loops, show, kept, monkeypatch):
    show()

    def stall(_sending):
        loops.before = lambda _: None
        later = time.monotonic() + settings().inbox.reclaim_idle_seconds - outbound.deadline() - 1
        clock.setattr(time, "monotonic", lambda: later)

    loops.before = stall
    with pytest.MonkeyPatch.context() as clock:
        assert loops.delivered()["waiting"] == 1
    loops.delivered()
    assert [(row["status"], row["attempts"]) for row in kept()] == [("sent", 1)]
