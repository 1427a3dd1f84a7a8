"""`tallyman effects`, and how effects show in `status` and `dead-letters`."""

import json
from datetime import timedelta

import pytest

from integrations.targets import TARGETS
from tests.worker.targets import Service


@pytest.fixture(autouse=True)
def loops(monkeypatch):
    """A Loops of the test's own, which knows a key for a day."""
    service = Service(remembers=timedelta(hours=24))
    monkeypatch.setitem(TARGETS, "loops", service.target())
    return service


@pytest.fixture
def enter(sql):
    """Enter an effect; return its id."""

    def insert(status, sent_ago=None, **columns):
        given = {"target": "loops", "action": "tell", "payload": "{}", "status": status} | columns
        names = ", ".join(given)
        (id,) = sql.execute(
            f"INSERT INTO effects ({names}, first_sent_at, error, attempts) VALUES"
            f" ({', '.join(['%s'] * len(given))}, now() - %s::interval, 'Transient: busy', 3)"
            " RETURNING id",
            [*given.values(), sent_ago],
        ).fetchone()
        return id

    return insert


def statuses(sql):
    return dict(sql.execute("SELECT id, status FROM effects").fetchall())


def test_effects_are_listed_by_target_action_status_and_event(run, enter):
    dead = enter("dead", event_id="evt_1", service="stripe")
    sent = enter("sent", target="app", action="message")

    def ids(*options):
        return {e["id"] for e in json.loads(run("effects", "list", "--json", *options).output)}

    assert ids() == {dead, sent}
    assert ids("--status", "dead") == {dead}
    assert ids("--action", "message") == {sent}
    assert ids("--event", "evt_1") == {dead}
    assert ids("--error", "busy", "--since", "1h", "--target", "loops") == {dead}
    assert ids("--until", "1h") == set()
    told = run("effects", "list").output
    assert "Transient: busy" in told
    assert "Next: tallyman effects redrive" in told


def test_a_list_shows_no_payload_and_one_effect_shows_its_own(run, enter):
    id = enter("dead", payload='{"email": "ada@example.org"}')
    assert "ada@example.org" not in run("effects", "list", "--json").output
    assert "ada@example.org" in run("effects", "show", str(id)).output
    assert "there is no effect 0" in run("effects", "show", "0").output


@pytest.mark.parametrize("verb", ["redrive", "discard"])
def test_nothing_is_moved_without_saying_which(run, enter, sql, verb):
    id = enter("dead")
    refused = run("effects", verb, *(["--reason", "x"] if verb == "discard" else []))
    assert refused.exit_code == 2
    assert "say which" in refused.output
    assert statuses(sql) == {id: "dead"}


def test_what_is_dead_or_held_is_redriven_and_nothing_else(run, enter, sql, loops):
    enter("dead")
    enter("held")
    enter("sent")
    enter("discarded")
    assert "2 redriven" in run("effects", "redrive", "--all").output
    assert sorted(statuses(sql).values()) == ["discarded", "sent", "waiting", "waiting"]
    assert loops.delivered() == {"sent": 2}
    assert {sending.attempt for sending, _ in loops.sent} == {1}


def test_what_may_have_been_done_is_redriven_only_when_it_may_repeat(run, enter, sql, loops):
    old, young = enter("dead", "25 hours"), enter("dead", "1 hour")
    told = run("effects", "redrive", "--all").output
    assert f"left alone, as they may have been done: {old}" in told
    assert "--may-repeat" in told
    assert statuses(sql) == {old: "dead", young: "waiting"}
    assert json.loads(run("effects", "redrive", "--all", "--json").output) == {
        "taken": [],
        "unknown": [old],
    }
    assert "1 redriven" in run("effects", "redrive", "--id", str(old), "--may-repeat").output
    assert loops.delivered() == {"sent": 2}


def test_a_dry_run_says_which_and_changes_nothing(run, enter, sql):
    id = enter("dead")
    assert f"{id} loops tell" in run("effects", "redrive", "--all", "--dry-run").output
    told = run("effects", "discard", "--all", "--dry-run", "--reason", "x").output
    assert "1 to be discarded" in told
    assert statuses(sql) == {id: "dead"}


def test_what_is_discarded_keeps_the_reason_and_what_waits_is_asked_for(run, enter, sql):
    dead, waiting = enter("dead"), enter("waiting")
    run("effects", "discard", "--all", "--reason", "sent by hand")
    assert statuses(sql) == {dead: "discarded", waiting: "waiting"}
    run("effects", "discard", "--all", "--status", "waiting", "--reason", "a mistake")
    assert statuses(sql)[waiting] == "discarded"
    reasons = sql.execute("SELECT reason FROM effects ORDER BY id").fetchall()
    assert reasons == [("sent by hand",), ("a mistake",)]


def test_dead_effects_are_among_the_dead_letters(run, enter, ledger):
    ledger("dead", "evt_a")
    id = enter("dead")
    enter("held")
    listed = json.loads(run("dead-letters", "list", "--json").output)
    assert {(d["kind"], d["service"], d["id"]) for d in listed} == {
        ("event", "stripe", "evt_a"),
        ("effect", "loops", str(id)),
    }
    told = run("dead-letters", "list").output
    assert "tallyman dead-letters redrive" in told
    assert "tallyman effects redrive" in told
    only = json.loads(run("dead-letters", "list", "--json", "--type", "te*").output)
    assert [d["id"] for d in only] == [str(id)]


def test_status_counts_the_effects_of_each_target(run, enter, loops):
    enter("waiting")
    enter("waiting")
    enter("held")
    enter("dead")
    enter("waiting", target="nobody")
    loops.on = False
    told = {t["target"]: t for t in json.loads(run("status", "--json").output)["targets"]}
    loops_ = told["loops"]
    assert (loops_["waiting"], loops_["held"], loops_["dead"], loops_["on"]) == (2, 1, 1, False)
    assert told["nobody"]["on"] is None
    shown = run("status").output
    assert "not configured" in shown
    assert "no such target" in shown


def test_metrics_count_the_effects(enter):
    from prometheus_client import generate_latest
    from prometheus_client.registry import CollectorRegistry

    from receiver.figures import Standing

    enter("waiting")
    registry = CollectorRegistry()
    registry.register(Standing())
    line = b'tallyman_effects_unsettled{status="waiting",target="loops"} 1.0'
    assert line in generate_latest(registry)
