"""What the commands refuse before they do anything, and what their options choose."""

import json

import pytest

CHANGING = (
    ("events", "replay"),
    ("dead-letters", "redrive"),
    ("dead-letters", "discard", "--reason", "x"),
)
LISTING = (("events", "list"), ("dead-letters", "list"))


@pytest.mark.parametrize("option", ["--id=", "--type=", "--error=", "--error= "])
@pytest.mark.parametrize("verb", LISTING + CHANGING, ids=" ".join)
def test_an_empty_value_does_not_mean_everything(run, ledger, sql, verb, option):
    ledger("dead", "evt_a")
    refused = run(*verb, option)
    assert refused.exit_code == 2
    assert "it is empty" in refused.output
    assert sql.execute("SELECT status FROM events").fetchall() == [("dead",)]


@pytest.mark.parametrize("verb", CHANGING, ids=" ".join)
def test_what_changes_events_takes_an_id_for_just_this_one(run, ledger, sql, verb):
    ledger("handled" if "replay" in verb else "dead", "evt_1", "evt_12")
    assert "0 " in run(*verb, "--id", "evt_").output
    taken = run(*verb, "--id", "evt_1", "--json")
    assert json.loads(taken.output) == [{"service": "stripe", "event_id": "evt_1"}]
    assert "Whose id is this." in run(*verb[:2], "--help").output


@pytest.mark.parametrize("verb", LISTING, ids=" ".join)
def test_what_shows_events_takes_the_beginning_of_an_id(run, ledger, verb):
    ledger("dead", "evt_1", "evt_12")
    found = json.loads(run(*verb, "--id", "evt_1", "--json").output)
    id = "event_id" if verb[0] == "events" else "id"
    assert {one[id] for one in found} == {"evt_1", "evt_12"}
    assert "Whose id begins so." in run(*verb, "--help").output


def test_an_event_is_shown_by_its_whole_id_though_many_others_begin_so(run, ledger):
    ledger("dead", "evt_1", ago="1 day")
    ledger("dead", *(f"evt_1{number}" for number in range(5)))
    assert json.loads(run("events", "show", "evt_1", "--json").output)["event_id"] == "evt_1"


@pytest.mark.parametrize(
    "arguments",
    [
        ("events", "list", "--limit", "0"),
        ("events", "list", "--limit", "100001"),
        ("events", "refused", "--limit", "0"),
        ("events", "replay", "--service", "stripe", "--limit", "-1"),
        ("dead-letters", "list", "--limit", "0"),
        ("dead-letters", "redrive", "--all", "--limit", "0"),
        ("dead-letters", "discard", "--all", "--reason", "x", "--limit", "0"),
        ("dead-letters", "discard", "--all", "--reason", " "),
        ("dead-letters", "show", ""),
        ("trigger", "stripe", "customer.created", "--count", "0"),
        ("trigger", "stripe", "customer.created", "--age", "nan"),
        ("events", "list", "--since", "999999999999d"),
        ("events", "list", "--since", "999999d"),
        ("events", "list", "--since", "²d"),
        ("events", "list", "--since", ""),
        ("events", "list", "--id", "\udcff"),
        ("events", "show", "evt_\udcff"),
        ("events", "show", "evt_a", "--body", "--json"),
    ],
    ids=ascii,
)
def test_what_cannot_be_meant_is_a_usage_error(run, arguments):
    refused = run(*arguments)
    assert refused.exit_code == 2, refused.output
    assert "Error: " in refused.output


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("data.object.status", "no '=' in it"),
        ("data.nothing.status=1", "no such path"),
        ("type.x=1", "no such path"),
        ("data.object.created=NaN", "write PATH=JSON"),
        ("data.object.created=[-Infinity]", "write PATH=JSON"),
        ('data.object.name="\\ud800"', "write PATH=JSON"),
        ("data.object.name=past_due", "write PATH=JSON"),
    ],
)
def test_trigger_says_what_is_wrong_with_a_change(run, change, words):
    refused = run("trigger", "stripe", "customer.created", "--set", change)
    assert refused.exit_code == 2
    assert words in refused.output


def test_trigger_tells_programs_what_was_answered(run, monkeypatch):
    from simulator.sender import Sender

    class Answer:
        status_code = 202
        text = '{"status":"accepted"}\n'

    monkeypatch.setattr(Sender, "send", lambda *_, **__: Answer())
    told = json.loads(run("trigger", "stripe", "customer.created", "--duplicate", "--json").output)
    assert [sent["status"] for sent in told] == [202, 202]
    assert told[0]["type"] == "customer.created"
    assert told[0]["id"] == told[1]["id"]
    assert told[0]["answer"] == '{"status":"accepted"}'
