"""`tallyman dead-letters causes`, `redrive --canary` and `redrives`."""

import json

import pytest


@pytest.fixture
def cause(run, ledger):
    """The id of what three events died of."""
    ledger("dead", "evt_1", "evt_2", "evt_3")
    (found,) = json.loads(run("dead-letters", "causes", "--json").output)
    assert (found["count"], found["error"]) == (3, "Transient: busy")
    return found["id"]


def test_causes_are_listed_for_people(run, cause):
    told = run("dead-letters", "causes").output
    assert cause in told
    assert "redrive --cause ID --canary" in told


def test_a_dry_run_says_what_would_be_met_and_begins_nothing(run, cause):
    told = run("dead-letters", "redrive", "--cause", cause, "--canary", "--dry-run").output
    assert "3 event(s): Transient: busy" in told
    assert "Of the oldest 3: 0 superseded" in told
    assert json.loads(run("dead-letters", "redrives", "--json").output) == []


def test_a_redrive_is_begun_listed_and_halted(run, cause):
    begin = ("dead-letters", "redrive", "--cause", cause[:5], "--canary", "--rate", "2")
    assert "of 3 event(s) begins with one" in run(*begin).output
    assert "are being redriven" in run(*begin).output
    (found,) = json.loads(run("dead-letters", "redrives", "--json").output)
    assert (found["status"], found["per_second"], found["halt_percent"]) == ("running", 2, 10)

    id = str(found["id"])
    assert "is halted" in run("dead-letters", "redrives", "halt", id, "--reason", "wrong").output
    assert run("dead-letters", "redrives", "halt", id).exit_code == 1
    shown = run("dead-letters", "redrives").output
    assert "halted" in shown
    assert ": wrong" in shown


@pytest.mark.parametrize(
    "options", [["--canary"], ["--cause", "x"], ["--cause", "x", "--canary", "--all"]]
)
def test_in_steps_it_takes_a_cause_and_nothing_else(run, cause, options):
    refused = run("dead-letters", "redrive", *options)
    assert refused.exit_code == 2
    assert "it takes --cause ID and --canary" in refused.output


def test_a_cause_that_is_none_is_refused(run, cause):
    assert run("dead-letters", "redrive", "--cause", "zz", "--canary").exit_code == 1


def test_a_cause_is_discarded_up_to_the_limit(run, cause):
    discard = ("dead-letters", "discard", "--cause", cause, "--reason", "a test")
    assert "3 of 3 event(s) to be discarded" in run(*discard, "--dry-run").output
    assert "2 of 3 event(s) discarded" in run(*discard, "--limit", "2").output
    (found,) = json.loads(run("dead-letters", "causes", "--json").output)
    assert found["count"] == 1
    assert run(*discard, "--all").exit_code == 2
