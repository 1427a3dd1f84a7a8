"""`tallyman events`, `dead-letters`, `pause` and `status`, on a ledger with events in it."""

import json

import pytest


def test_events_are_listed_by_status_type_time_and_id(run, ledger):
    ledger("handled", "evt_new", type="invoice.paid")
    ledger("handled", "evt_old", ago="2 days")
    ledger("dead", "evt_dead")

    def ids(*options: str) -> set[str]:
        listed = run("events", "list", "--json", *options)
        return {event["event_id"] for event in json.loads(listed.output)}

    assert ids() == {"evt_new", "evt_old", "evt_dead"}
    assert ids("--status", "dead") == {"evt_dead"}
    assert ids("--type", "invoice.*") == {"evt_new"}
    assert ids("--type", "invoice_*") == set()
    assert ids("--since", "1h") == {"evt_new", "evt_dead"}
    assert ids("--until", "1d") == {"evt_old"}
    assert ids("--id", "evt_n") == {"evt_new"}
    assert ids("--service", "clerk") == set()
    assert ids("--error", "busy", "--limit", "1") <= {"evt_new", "evt_old", "evt_dead"}


def test_one_event_is_shown_by_the_beginning_of_its_id(run, ledger):
    ledger("dead", "evt_one", "evt_other")
    assert "Transient: busy" in run("events", "show", "evt_on").output
    assert run("events", "show", "evt_one", "--body").stdout_bytes == b"{}"
    assert "several events" in run("events", "show", "evt_o").output
    assert "no event begins with evt_x" in run("events", "show", "evt_x").output


def test_a_dry_run_says_which_and_changes_nothing(run, ledger, sql):
    ledger("dead", "evt_a", "evt_b")
    told = run("dead-letters", "redrive", "--all", "--dry-run").output
    assert "stripe evt_a" in told
    assert "2 to be redriven" in told
    assert sql.execute("SELECT count(*) FROM dead_letters").fetchone() == (2,)


@pytest.mark.parametrize("verb", ["redrive", "discard"])
def test_dead_letters_are_not_moved_without_saying_which(run, ledger, sql, verb):
    ledger("dead", "evt_a")
    refused = run("dead-letters", verb, *(["--reason", "x"] if verb == "discard" else []))
    assert refused.exit_code == 2
    assert "say which" in refused.output
    assert sql.execute("SELECT count(*) FROM dead_letters").fetchone() == (1,)


def test_redriven_dead_letters_wait_for_their_next_attempt(run, ledger, sql):
    ledger("dead", "evt_a", "evt_b", "evt_c")
    assert "2 redriven" in run("dead-letters", "redrive", "--all", "--limit", "2").output
    rows = sql.execute("SELECT attempts FROM events WHERE status = 'retrying'").fetchall()
    assert rows == [(0,), (0,)]


def test_a_discarded_dead_letter_keeps_the_reason(run, ledger, sql):
    ledger("dead", "evt_a")
    run("dead-letters", "discard", "--id", "evt_a", "--reason", "sent by hand")
    assert sql.execute("SELECT status, reason FROM events").fetchone() == (
        "discarded",
        "sent by hand",
    )


def test_a_replayed_event_is_attempted_again_and_a_dead_one_is_not(run, ledger, sql):
    ledger("handled", "evt_a")
    ledger("dead", "evt_dead")
    assert "1 being replayed" in run("events", "replay", "--service", "stripe").output
    found = dict(sql.execute("SELECT event_id, status FROM events").fetchall())
    assert found == {"evt_a": "retrying", "evt_dead": "dead"}


def test_status_counts_what_waits_and_shows_who_is_paused(run, ledger):
    ledger("dead", "evt_a", "evt_b")
    ledger("received", "evt_c", ago="1 hour")
    assert "stripe is paused" in run("pause", "stripe").output
    told = json.loads(run("status", "--json").output)
    stripe = next(s for s in told["services"] if s["service"] == "stripe")
    assert stripe["paused"]
    assert (stripe["dead"], stripe["backlog"]) == (2, 1)
    assert 3590 < stripe["oldest_waiting"] < 3700
    assert "paused" in run("status").output
    assert "stripe goes on" in run("resume", "stripe").output
    assert "paused" not in run("status").output
