"""Dead effects are redriven in steps too, but for those that may have been done already."""

import pytest

from worker import causes, preview, redrives

ENTER = (
    "INSERT INTO effects (target, action, entity, payload, status, settled_at, error,"
    " first_sent_at, occurred_at) VALUES ('loops', %s, %s, %s, 'dead', now(), 'Permanent: no',"
    " now() - %s::interval, now() - %s::interval) RETURNING id"
)
STATES = "SELECT id, status FROM effects ORDER BY id"


@pytest.fixture
def effect(sql):
    """Enter a dead effect; return its id."""

    def enter(action, entity=None, sent=None, ago="1 h"):
        payload = "{}" if entity is None else None
        return sql.execute(ENTER, (action, entity, payload, sent, ago)).fetchone()[0]

    return enter


def test_what_may_have_been_done_is_skipped_and_nothing_is_left_hanging(
    effect, advance, counts, sql
):
    unsure, sure = effect("event", sent="30 days", ago="2 h"), effect("event")
    (cause,) = causes.causes()
    met = preview.preview(cause)
    assert (met.cause.count, met.may_repeat, met.oldest) == (2, 1, (str(sure),))

    id = redrives.start(cause)
    advance(id)
    assert dict(sql.execute(STATES).fetchall()) == {unsure: "dead", sure: "waiting"}
    assert counts(id) == {"skipped": 1, "sent": 1}


def test_of_one_entity_one_after_the_other_is_sent(effect, advance, counts, sql):
    older, younger = effect("contact", "ada", ago="2 h"), effect("contact", "ada")
    id = redrives.start(causes.causes()[0])
    advance(id)
    assert dict(sql.execute(STATES).fetchall()) == {older: "waiting", younger: "dead"}

    sql.execute("UPDATE effects SET status = 'sent' WHERE id = %s", [older])
    advance(id)
    assert counts(id) == {"mended": 1, "sent": 1}
    sql.execute("UPDATE effects SET status = 'held' WHERE id = %s", [younger])
    assert advance(id).status == "halted"


def test_discarding_a_cause_closes_its_effects(effect, sql):
    effect("event"), effect("event"), effect("contact", "ada")
    found = {one.type: one for one in causes.causes()}
    assert redrives.discard(found["event"], "not needed", 10) == 2
    assert sql.execute("SELECT action FROM effects WHERE status = 'dead'").fetchall() == [
        ("contact",)
    ]
