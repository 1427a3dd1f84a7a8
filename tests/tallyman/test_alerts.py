"""`tallyman alerts`: the list, and a test of who is told."""

import json

import pytest
from structlog.testing import capture_logs

from simulator.stand_in import Fault, serving
from tests.told_loopback import FakeSentry, FakeSlack

_SERVICE = "'stripe', 'failure_rate'"


@pytest.fixture
def incident(sql):
    """Stripe is failing, and nobody was reached."""
    sql.execute(
        "INSERT INTO incidents (service, code, state, worst, opened_at, changed_at)"
        f" VALUES ({_SERVICE}, 'failing', 'failing', now(), now())"
    )
    sql.execute(
        "INSERT INTO incident_reasons (incident_id, service, code, status, state, words, mend,"
        f" first_seen_at, last_seen_at) SELECT id, {_SERVICE}, 'open', 'failing',"
        " '9 of 10 events failed', 'tallyman dead-letters redrive', now(), now() FROM incidents"
    )
    sql.execute(
        "INSERT INTO incident_tellings (incident_id, channel, attempts, error)"
        " SELECT id, 'slack', 3, 'Transient: busy' FROM incidents"
    )


@pytest.fixture
def told(set_to):
    """Slack and Sentry are set up."""
    with serving(FakeSlack()) as slack, serving(FakeSentry()) as sentry:
        dsn = sentry.url.replace("://", "://public@") + "/7"
        set_to(SLACK_WEBHOOK_URL=f"{slack.url}/services/T1/B1/secret", SENTRY_DSN=dsn)
        with capture_logs():
            yield slack, sentry


def test_the_list_says_why_who_was_told_and_what_to_do(run, incident):
    printed = run("alerts", "list").output
    assert "9 of 10 events failed" in printed
    assert "not slack: Transient: busy" in printed
    assert "tallyman dead-letters redrive" in printed
    (found,) = json.loads(run("alerts", "list", "--json").output)
    assert (found["service"], found["state"], found["told"][0]["attempts"]) == (
        "stripe",
        "failing",
        3,
    )


def test_what_is_over_is_listed_if_asked(run, incident, sql):
    sql.execute("UPDATE incidents SET closed_at = now()")
    assert json.loads(run("alerts", "list", "--json").output) == []
    assert len(json.loads(run("alerts", "list", "--all", "--json").output)) == 1


def test_a_test_sends_one_marked_message_to_each_and_says_so(run, told):
    slack, sentry = told
    done = run("alerts", "test")
    assert (done.exit_code, done.output) == (0, "slack: reached\nsentry: reached\n")
    assert [kind for kind, _ in slack.said] == ["webhook"]
    assert "test of Tallyman" in slack.said[0][1]
    assert "test of Tallyman" in sentry.events[0]["message"]["formatted"]


def test_a_test_that_does_not_arrive_says_why_and_shows_no_secret(run, told):
    told[0].faults = [Fault(404, b"no_service")]
    done = run("alerts", "test", "--json")
    assert done.exit_code == 1
    found = {one["channel"]: one for one in json.loads(done.output)}
    assert found["sentry"]["reached"]
    assert "404" in found["slack"]["why"]
    assert "secret" not in done.output


def test_a_test_without_anybody_to_tell_says_what_to_set(run):
    done = run("alerts", "test")
    assert done.exit_code == 1
    assert "SLACK_WEBHOOK_URL" in done.output
