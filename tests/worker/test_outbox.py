"""What a handler returns is added in its transaction, once, and shown; the application adds too."""

import pytest
from sqlalchemy import text

from integrations.effects import Effect
from integrations.errors import Transient
from tests import handlers
from tests.worker import asked
from tests.worker.asked import SHOW, TELL, added
from tests.worker.stories import T0, drained, fail, invoice, put, retried
from worker import dead_letters
from worker.search import Filter

loops, now, reacting = asked.loops, asked.now, asked.reacting


def test_what_a_handler_returns_is_added_with_its_cause(loops, sql, now):
    handlers.behaviour["invoice.paid"] = lambda *_: [TELL, SHOW]
    put(invoice(created=now))
    drained()

    assert sorted(added(sql), key=str) == [
        ("loops", "show", "cus_1", None, "waiting"),
        ("loops", "tell", None, {"event": "paid"}, "waiting"),
    ]
    causes = "SELECT service, event_id, extract(epoch FROM occurred_at)::int FROM effects"
    assert sql.execute(causes).fetchall() == [("stripe", "evt_1", now)] * 2


def test_a_handler_may_yield_and_sees_its_own_rows(loops, sql, now):
    def act(session, event):
        count = session.execute(text("SELECT count(*) FROM tallyman_test.events")).scalar_one()
        yield Effect(target="loops", action="tell", payload={"events": count})

    handlers.behaviour["invoice.paid"] = act
    put(invoice(created=now))
    drained()

    assert added(sql) == [("loops", "tell", None, {"events": 1}, "waiting")]


def test_nothing_is_added_when_the_handler_fails_after_yielding(loops, sql):
    def act(_session, _event):
        yield TELL
        raise Transient("not yet")

    handlers.behaviour["invoice.paid"] = act
    put(invoice())

    assert drained()["retrying"] == 1
    assert added(sql) == []


def test_the_effects_of_a_batch_stay_when_one_event_of_it_fails(loops, sql, now):
    def act(session, event):
        return fail(session, event) if event.id == "evt_2" else [TELL]

    handlers.behaviour["invoice.paid"] = act
    put(*[invoice(f"evt_{n}", created=now) for n in range(4)])
    drained()

    found = sql.execute("SELECT event_id FROM effects ORDER BY event_id").fetchall()
    assert found == [("evt_0",), ("evt_1",), ("evt_3",)]


def test_an_event_that_is_tried_again_adds_its_effects_once(loops, failed, sql):
    handlers.behaviour["invoice.paid"] = lambda *_: [TELL]
    assert retried() == {"handled": 1}
    assert len(added(sql)) == 1


def test_a_duplicate_and_a_replay_add_none(loops, sql, now):
    handlers.behaviour["invoice.paid"] = lambda *_: [TELL, SHOW]
    put(invoice(created=now), invoice(created=now))
    drained()
    before = sql.execute("SELECT id, key FROM effects ORDER BY id").fetchall()
    put(invoice(created=now))
    drained()
    dead_letters.replay(Filter(id="evt_1"), 1)

    assert retried() == {"handled": 1}
    assert sql.execute("SELECT id, key FROM effects ORDER BY id").fetchall() == before
    assert len(before) == 2


def test_the_key_tells_events_actions_entities_and_purposes_apart(loops, sql, now):
    purpose = Effect(target="loops", action="tell", payload={}, purpose="welcome")
    other = Effect(target="loops", action="show", entity="cus_2")
    handlers.behaviour["invoice.paid"] = lambda *_: [TELL, SHOW, SHOW, purpose, other]
    put(invoice("evt_1", created=now), invoice("evt_2", created=now))
    drained()

    assert len(added(sql)) == 8


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ([TELL, Effect(target="loops", action="tell", payload={})], "give each a purpose"),
        ([Effect(target="lops", action="tell", payload={})], "no target lops; there are"),
        ([Effect(target="loops", action="mail", payload={})], "it has tell, show"),
        (["loops"], "something else than effects"),
    ],
    ids=["told apart by payload", "target", "action", "no effect"],
)
def test_an_event_whose_effects_nobody_could_perform_is_dead(wrong, says, loops, sql, ledger):
    handlers.behaviour["invoice.paid"] = lambda *_: wrong
    put(invoice())

    assert drained()["dead"] == 1
    assert says in ledger()["evt_1"]["error"]
    assert added(sql) == []


def test_what_postgres_cannot_store_is_replaced(loops, sql, now):
    odd = Effect(target="loops", action="tell", payload={"a\0": "b\ud800", "n": (1,)})
    whose = Effect(target="loops", action="show", entity="cus\0_1", purpose="\ud800")
    handlers.behaviour["invoice.paid"] = lambda *_: [odd, whose]
    put(invoice(created=now))
    drained()

    assert sorted(added(sql), key=str) == [
        ("loops", "show", "cus\ufffd_1", None, "waiting"),
        ("loops", "tell", None, {"a\ufffd": "b\ufffd", "n": [1]}, "waiting"),
    ]


@pytest.mark.parametrize(
    "payload",
    [{"at": T0, "x": object()}, {"n": float("nan")}, ["a list"], {1: 1, "1": 2}],
    ids=["an object", "not a number", "no object", "keys of two kinds"],
)
def test_an_event_whose_effect_is_no_json_is_dead_and_names_it(payload, loops, sql, ledger):
    one = Effect(target="loops", action="tell", payload=payload)
    handlers.behaviour["invoice.paid"] = lambda *_: [one]
    put(invoice())

    assert drained()["dead"] == 1
    assert "its effect loops.tell: " in ledger()["evt_1"]["error"]


def test_what_happened_long_ago_is_held_and_what_is_is_not(loops, sql):
    handlers.behaviour["invoice.paid"] = lambda *_: [TELL, SHOW]
    put(invoice(created=T0))
    drained()

    found = dict(sql.execute("SELECT action, status FROM effects").fetchall())
    assert found == {"tell": "held", "show": "waiting"}
    why = sql.execute("SELECT reason FROM effects WHERE status = 'held'").fetchone()
    assert why == ("it happened more than EFFECTS_MAX_AGE_HOURS before",)
    assert loops.delivered() == {"sent": 1}
