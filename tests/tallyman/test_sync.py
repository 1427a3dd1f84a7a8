"""`tallyman sync`: what its lines say, and how a run from the command line ends."""

import json

import pytest
import responses

from tallyman import foreground
from tallyman.progress import Bars
from tests.worker.sync.stripe_log import StripeLog
from worker.sync import Outcome


@pytest.fixture
def stripe(sql, monkeypatch):
    """A Stripe whose log we began to read an hour ago."""
    from integrations.stripe.client import client
    from settings import settings

    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_x")
    monkeypatch.setenv("CALL_LIMITS", "stripe=100000")
    settings.cache_clear()
    client.cache_clear()
    sql.execute(
        "INSERT INTO sync_runs (service, name, kind, status, started_at)"
        " VALUES ('stripe', 'events', 'catch_up', 'failed', now() - interval '1 h')"
    )
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield StripeLog(mock)
    monkeypatch.undo()
    settings.cache_clear()
    client.cache_clear()


@pytest.fixture
def ran(sql):
    """Enter a last run."""

    def enter(service="stripe", name="events", kind="catch_up", **columns):
        given = {"service": service, "name": name, "kind": kind, **columns}
        names, holes = ", ".join(given), ", ".join(["%s"] * len(given))
        sql.execute(
            f"WITH run AS (INSERT INTO sync_runs ({names}) VALUES ({holes}) RETURNING *)"
            " INSERT INTO sync_cursors (service, name, kind, account, run_id, written_at)"
            " SELECT service, name, kind, account, id, now() - interval '3 min' FROM run",
            list(given.values()),
        )

    return enter


COUNTED = {"there": 41208, "here": 41205, "fetched": 3}
GAP = {"gap_from": "2026-01-02 14:02Z", "gap_to": "2026-01-02 14:04Z"}
WHEN = "gap 2026-01-02 14:02 to 14:04"
LIMITED = {"status": "stopped", "error": "Transient: stripe answered 429", "finished_at": "now"}
USERS = {"service": "clerk", "name": "user", "kind": "reconcile", "plan": True}
UNREAD = {"failed": 1, "status": "failed", "error": "1 could not be read", "finished_at": "now"}


@pytest.mark.parametrize(
    ("given", "told", "ended"),
    [
        (
            COUNTED | GAP | {"finished_at": "now", "status": "complete"},
            f"stripe events: 41,208 at Stripe, 41,208 here, 3 fetched, {WHEN}",
            "complete, 0 s ago",
        ),
        (
            LIMITED | {"there": 200, "here": 200, "account": "acct_1"},
            "stripe events of acct_1: 200 at Stripe, 200 here, 0 fetched",
            "stopped, 0 s ago: Transient: stripe answered 429; the next goes on there",
        ),
        (
            USERS | UNREAD | {"there": 10, "here": 7, "fetched": 2, "gone": 1},
            "clerk user reconcile: 10 at Clerk, 7 here, 2 differ, 1 gone, 1 failed",
            "only looked; failed, 0 s ago: 1 could not be read",
        ),
        (
            {"name": "customer", "kind": "backfill", "there": 1000, "fetched": 1000},
            "stripe customer backfill: 1,000 at Stripe, 1,000 here, 1,000 fetched",
            "running, but nobody is at it since 3 min 0 s; the next goes on there",
        ),
    ],
)
def test_the_status_says_what_is_there_and_here_and_how_it_ended(run, ran, given, told, ended):
    ran(**given)
    assert run("sync", "status").output == f"{told}; {ended}\n"
    (row,) = json.loads(run("sync", "status", "--json").output)
    assert row["there"] == given["there"]


def test_before_anything_was_synced_it_says_what_to_do(run):
    assert "Next: tallyman sync run" in run("sync", "status").output
    assert json.loads(run("sync", "status", "--json").output) == []


def test_a_run_goes_through_all_slices_and_prints_its_account(run, stripe):
    for n in range(250):
        stripe.happened(f"evt_{n}", 600 - n)
    answer = run("sync", "run", "stripe")
    assert "250 at Stripe, 250 here, 250 fetched" in answer.stdout
    assert answer.exit_code == 0


def test_it_has_the_patience_that_the_service_asks_for(run, stripe, monkeypatch):
    waited: list[float] = []
    monkeypatch.setattr(foreground, "sleep", waited.append)
    stripe.answers = [429] * 3
    answer = run("sync", "run", "stripe", "events")
    assert waited[0] == 60
    assert "waiting 60 s" in answer.stderr


@pytest.mark.parametrize(("moved", "asked"), [(True, 5), (False, 3)])
def test_who_gets_on_may_be_throttled_as_often_as_it_takes(monkeypatch, moved, asked):
    monkeypatch.setattr(foreground, "TRIES", 3)
    answers = [Outcome("stopped", wait=0, moved=moved)] * 4 + [Outcome("complete")]
    outcomes = iter(answers)
    (last,) = foreground.carried_out("stripe", "", lambda _of, _over: {"user": next(outcomes)})
    assert last == answers[asked - 1]
    assert len(list(outcomes)) == 5 - asked


def test_of_a_run_that_goes_on_the_bar_shows_what_was_read_before(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with Bars(lambda _name: 300) as bars:  # of which the last hundred are told just now
        bars.told("user", 1000, 100)
    assert "300/1000" in capsys.readouterr().err


def test_a_run_that_is_refused_exits_with_1(run, stripe):
    stripe.answers = [401]
    answer = run("sync", "run", "stripe")
    assert "failed" in answer.stdout
    assert "401" in answer.stdout
    assert answer.exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "clerk"), "clerk cannot be asked"),
        (("run", "stripe", "unicorn"), "stripe has no unicorn; there is events, "),
        (("backfill", "clerk"), "clerk cannot be asked"),
        (("run", "loops"), "loops is told nothing"),
    ],
)
def test_what_cannot_be_done_is_said(run, stripe, arguments, words):
    answer = run("sync", *arguments)
    assert words in answer.output
    assert answer.exit_code == 1
