"""`tallyman status`: every integration with its state, and one with all its reasons."""

import json

from worker import inbox


def test_it_shows_the_state_and_the_worst_reason_of_each(run, ledger):
    ledger("dead", "evt_1", "evt_2", ago="5 min")
    said = run("status").output
    [line] = [one for one in said.splitlines() if "degraded" in one]
    assert line.startswith("stripe")
    assert "2 dead letters of customer.updated: Transient." in line
    assert "Next: tallyman status stripe" in said
    assert "not configured" in said


def test_of_one_it_shows_each_reason_with_where_to_look_and_what_mends_it(run, ledger):
    ledger("dead", "evt_1", ago="5 min")
    ledger("retrying", "evt_2", ago="20 min")
    said = run("status", "stripe").output
    assert said.startswith("stripe is degraded since 2")
    assert "degraded: 1 event has been tried in vain, the oldest for 20 min" in said
    assert "  look   tallyman events list --service stripe --status retrying\n" in said
    assert "then: tallyman dead-letters redrive --cause " in said


def test_it_tells_programs_the_same(run, ledger):
    ledger("dead", "evt_1")
    [reason] = json.loads(run("status", "stripe", "--json").output)["reasons"]
    assert (reason["code"], reason["state"]) == ("dead_letters", "degraded")
    states = {
        h["service"]: h["state"] for h in json.loads(run("status", "--json").output)["health"]
    }
    assert (states["stripe"], states["slack"]) == ("degraded", "not configured")


def test_what_is_paused_says_how_it_goes_on(run):
    inbox.pause("stripe")
    assert "Next: tallyman resume stripe" in run("status", "stripe").output


def test_one_that_there_is_not_is_refused_with_those_that_there_are(run):
    said = run("status", "strip")
    assert said.exit_code == 1
    assert "there is no strip; there is stripe, clerk" in said.output
