"""A reaction adds effects beside the handlers; the application inserts its own."""

import pytest

from integrations import reactions as table
from integrations.effects import Reaction
from settings import settings
from tests import handlers
from tests.worker import asked
from tests.worker.asked import SHOW, TELL, added
from tests.worker.stories import drained, invoice, put
from worker import reactions

loops, now, reacting = asked.loops, asked.now, asked.reacting


def test_a_reaction_adds_its_effects_beside_the_handlers(loops, reacting, sql, now):
    reacting(SHOW)
    handlers.behaviour["invoice.paid"] = lambda *_: [TELL]
    put(invoice(created=now))
    drained()

    assert {row[1] for row in added(sql)} == {"tell", "show"}


def test_a_reaction_adds_nothing_for_a_target_that_is_off(loops, reacting, sql):
    reacting(SHOW)
    loops.on = False
    put(invoice())

    assert drained()["handled"] == 1
    assert added(sql) == []


def test_a_type_is_handled_when_only_a_reaction_wants_it(loops, monkeypatch, sql, ledger):
    from tests.worker.stories import stripe

    told = Reaction(service="stripe", types=("topup.created",), effects=lambda _: [SHOW])
    monkeypatch.setattr(table, "REACTIONS", [told])
    reactions.table.cache_clear()
    try:
        put(stripe("evt_1", "topup.created", {"object": "topup", "id": "tu_1"}))
        drained()
        loops.on = False
        put(stripe("evt_2", "topup.created", {"object": "topup", "id": "tu_1"}))
        drained()
    finally:
        monkeypatch.undo()
        reactions.table.cache_clear()

    assert {id: kept["status"] for id, kept in ledger().items()} == {
        "evt_1": "handled",
        "evt_2": "ignored",
    }
    assert len(added(sql)) == 1


def test_the_table_of_reactions_is_the_one_that_the_setting_names(monkeypatch):
    monkeypatch.setenv("REACTIONS", "tests.handlers")
    settings.cache_clear()
    reactions.table.cache_clear()
    try:
        with pytest.raises(Exception, match=r"REACTIONS=tests.handlers: .* has no REACTIONS in it"):
            reactions.table()
    finally:
        monkeypatch.undo()
        settings.cache_clear()
        reactions.table.cache_clear()


def test_what_the_application_inserts_is_performed(loops, sql):
    sql.execute(
        "INSERT INTO effects (target, action, payload) VALUES ('loops', 'tell', '{\"a\": 1}')"
    )
    assert loops.delivered() == {"sent": 1}
    (sending, _), *_ = loops.sent
    assert (sending.payload, sending.attempt) == ({"a": 1}, 1)
    assert len(sending.key) == 36


def test_the_application_may_give_a_key_which_is_taken_once(loops, sql):
    insert = (
        "INSERT INTO effects (target, action, payload, key) VALUES ('loops', 'tell', '{}', 'k')"
        " ON CONFLICT (key) DO NOTHING"
    )
    sql.execute(insert)
    sql.execute(insert)
    assert loops.delivered() == {"sent": 1}
    assert loops.sent[0][0].key == "k"


def test_what_the_application_inserts_for_an_unknown_action_is_dead(loops, sql):
    sql.execute("INSERT INTO effects (target, action, entity) VALUES ('loops', 'sing', 'x')")
    assert loops.delivered() == {"dead": 1}
    (error,) = sql.execute("SELECT error FROM effects").fetchone()
    assert error == "loops has no action sing; it has tell, show"
