"""What left the ledger is read back, and replayed, as if it were still there."""

import json
import subprocess
import sys

import pytest

from integrations.errors import Permanent, Transient
from integrations.r2.client import client
from settings import ROOT, settings
from tests import handlers
from tests.worker.archives import OLD, objects, run, told
from tests.worker.stories import DUE, T0, clerk, customer_event, fail, invoice, retried, user
from worker import dead_letters, search
from worker.search import Filter

SECRET = "https://accounts.example.com/accept?ticket=s3cret"


@pytest.fixture
def refused(monkeypatch):
    """Nobody listens where the archive is said to be."""
    monkeypatch.setenv("R2_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("BREAKER_FAILURES", "1")
    settings.cache_clear()


def test_the_command_shows_an_archived_body_like_any_other(archiving, sql):
    told(invoice("evt_1"))
    sql.execute(OLD)
    run()
    command = [sys.executable, "-m", "tallyman", "events", "show", "evt_1", "--body"]
    shown = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, timeout=60)
    assert shown.stdout == invoice("evt_1").body


def test_an_archived_event_is_replayed_with_its_body_and_headers(archiving, sql, ledger):
    told(clerk("msg_1", "user.created", user(first_name="Ada")), service="clerk")
    sql.execute(OLD)
    run()
    sql.execute("TRUNCATE clerk_users")
    handlers.calls.clear()

    assert dead_letters.replay(Filter(id="msg_1"), 1) == [("clerk", "msg_1")]
    assert retried("clerk") == {"handled": 1}
    assert sql.execute("SELECT first_name FROM clerk_users").fetchall() == [("Ada",)]
    kept = ledger()["msg_1"]
    assert (kept["status"], kept["body"]) == ("handled", None)
    assert kept["archive_key"] is not None


def test_a_replay_waits_while_the_archive_is_away(archiving, sql, ledger, monkeypatch):
    told(customer_event("evt_1"))
    sql.execute(OLD)
    run()
    handlers.calls.clear()
    dead_letters.replay(Filter(id="evt_1"), 1)
    monkeypatch.setenv("R2_ENDPOINT_URL", "http://127.0.0.1:9")
    settings.cache_clear()

    assert retried() == {"retrying": 1}
    kept = ledger()["evt_1"]
    assert kept["type"] == "customer.updated"
    assert kept["error"].startswith("Transient: ")
    assert handlers.calls == []


def test_a_replay_is_dead_with_the_reason_where_the_archive_has_lost_it(
    archiving, bucket, sql, ledger
):
    told(customer_event("evt_1"))
    sql.execute(OLD)
    run()
    client().delete_object(Bucket=bucket, Key=objects(bucket)[0])
    dead_letters.replay(Filter(id="evt_1"), 1)

    assert retried() == {"dead": 1}
    assert "404 NoSuchKey" in ledger()["evt_1"]["error"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("archive_offset = archive_offset + 1", "damaged"),
        ("archive_length = archive_length - 9", "damaged"),
        ("event_id = 'evt_other'", "another event"),
    ],
)
def test_what_is_not_the_event_is_never_taken_for_it(change, why, archiving, sql):
    told(invoice("evt_1"), invoice("evt_2"))
    sql.execute(OLD)
    run()
    sql.execute(f"UPDATE events SET {change} WHERE event_id = 'evt_1'")
    (id,) = sql.execute(
        "SELECT event_id FROM events WHERE event_id <> 'evt_2' AND archive_key IS NOT NULL"
    ).fetchone()
    with pytest.raises(Permanent, match=why):
        search.body("stripe", id)


def test_a_body_that_cannot_be_fetched_says_so(archiving, sql, monkeypatch):
    told(invoice("evt_1"))
    sql.execute(OLD)
    run()
    monkeypatch.setenv("R2_ENDPOINT_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    with pytest.raises(Transient):
        search.body("stripe", "evt_1")


def test_an_archived_event_that_loses_a_secret_keeps_its_headers(archiving, sql, ledger):
    """Its id is in them: the attempt after the one that fails must find it."""
    session = {"object": "session", "id": "sess_1", "status": "active", "updated_at": T0 * 1000}
    told(clerk("msg_1", "session.created", session), service="clerk")
    unsafe = session | {"by": {"object": "invitation", "url": SECRET}}
    body = clerk("msg_1", "session.created", unsafe).body
    sql.execute("UPDATE events SET body = %s", [body])
    sql.execute(OLD)
    run()
    dead_letters.replay(Filter(id="msg_1"), 1)

    handlers.behaviour["session.created"] = fail
    assert retried("clerk") == {"retrying": 1}
    kept = ledger()["msg_1"]
    assert json.loads(kept["body"])["data"]["by"] == {"object": "invitation"}
    assert kept["headers"] == {"svix-id": "msg_1"}
    handlers.behaviour.clear()
    sql.execute(DUE)
    assert retried("clerk") == {"handled": 1}


def test_a_replay_that_is_held_back_spends_no_attempt(archiving, sql, ledger, request):
    told(customer_event("evt_1"))
    sql.execute(OLD)
    run()
    dead_letters.replay(Filter(id="evt_1"), 1)
    request.getfixturevalue("refused")
    assert retried() == {"retrying": 1}
    before = ledger()["evt_1"]
    sql.execute(DUE)

    assert retried() == {"waiting": 1}
    kept = ledger()["evt_1"]
    assert (kept["status"], kept["attempts"]) == ("retrying", before["attempts"])
    assert kept["error"].startswith("Blocked: ")
    later = "SELECT retry_at > now() + interval '1 s' AND lease_token IS NULL FROM events"
    assert sql.execute(later).fetchone() == (True,)
