"""Whose turn it is to be renewed: nobody waits for one that cannot be, and nobody dies unused."""

import importlib
import json
import os

import psycopg
import pytest

from integrations.oauth.providers import providers
from settings import settings
from simulator.stand_in import Fault
from tests import oauth_loopback
from worker import inbox, oauth, oauth_checks
from worker.schedule import schedule
from worker.tasks import oauth as tasks

DUE = "refresh_at = now()"


@pytest.fixture
def loopback(authority):
    return providers()["loopback"]


@pytest.fixture
def connected(loopback, sql):
    """Connect an account, and change its row."""

    def connected(account, what=DUE):
        oauth_loopback.connect(loopback, account)
        sql.execute(f"UPDATE oauth_connections SET {what} WHERE account = '{account}'")

    return connected


@pytest.fixture
def rows(sql):
    query = "SELECT account, status, token_version FROM oauth_connections"
    return lambda: {account: rest for account, *rest in sql.execute(query).fetchall()}


@pytest.fixture
def many(sql):
    """Add as many rows like that of an account, changed so."""

    def many(count, account, what):
        names = "account, status, failures, refresh_at, retry_at"
        rest = (
            "service, external_id, scopes, token_type, access_token, refresh_token, key_id,"
            " expires_at, last_used_at"
        )
        sql.execute(
            f"INSERT INTO oauth_connections ({names}, {rest})"
            f" SELECT 'of_' || n, {what}, {rest} FROM oauth_connections,"
            f" generate_series(1, {count}) AS n WHERE account = '{account}'"
        )

    return many


def test_rows_that_nobody_can_open_keep_nobody_from_his_turn(connected, many, rows, loopback):
    connected("healthy")
    long_due = "now() - interval '1 hour'"
    many(oauth.AT_ONCE + 1, "healthy", f"'active', 0, {long_due}, NULL::timestamptz")
    assert oauth.renew(loopback) == f"renewed=1 failed={oauth.AT_ONCE + 1}"
    assert rows()["healthy"] == ["active", 2]


def test_a_row_that_does_not_open_is_told_of_once_and_rests_for_an_hour(connected, sql, loopback):
    connected("acme", f"{DUE}, account = 'moved'")
    assert oauth.renew(loopback) == "renewed=0 failed=1"
    assert oauth.renew(loopback) == "renewed=0 failed=0"
    query = "SELECT status, last_error_code, retry_at > now() + interval '59 minutes'"
    assert sql.execute(f"{query} FROM oauth_connections").fetchone() == ("expiring", "locked", True)


def test_a_row_that_somebody_holds_keeps_nobody_waiting(connected, sql, loopback, rows):
    ends = "refresh_token = NULL, expires_at = now()"
    connected("held", ends)
    connected("ended", ends)
    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        other.execute(
            "SELECT FROM tallyman_test.oauth_connections WHERE account = 'held' FOR UPDATE"
        )
        assert oauth.renew(loopback) == "renewed=0 failed=0"
    assert {account: status for account, (status, _) in rows().items()} == {
        "held": "active",
        "ended": "exhausted",
    }


def test_rows_of_a_key_that_is_lost_are_left_alone(connected, sql, loopback):
    connected("of_another_key", f"{DUE}, key_id = 'lost'")
    connected("healthy")
    assert oauth.renew(loopback) == "renewed=1 failed=0"


def test_who_has_failed_comes_after_who_has_not(authority, connected, loopback, sql, set_to):
    connected("failing", f"{DUE}, failures = 3, retry_at = now() - interval '1 hour'")
    connected("healthy")
    set_to(BREAKER_FAILURES=1)  # so that only the first is asked for
    authority.faults += [Fault(503)]
    assert oauth.renew(loopback) == "renewed=0 failed=1"
    query = "SELECT account, failures FROM oauth_connections"
    assert dict(sql.execute(query).fetchall()) == {"failing": 3, "healthy": 1}


def test_what_a_slice_leaves_is_rung_for(connected, loopback, set_to):
    connected("due")
    set_to(TIME_SLICE_SECONDS=0.000001)
    assert oauth.renew(loopback) == "renewed=0 failed=0"
    [bell] = map(json.loads, inbox.redis().lrange("oauth.work", 0, -1))
    assert bell["headers"]["task"] == "loopback.oauth.refresh"


def test_a_provider_that_is_paused_is_left_alone(connected, loopback, rows):
    connected("due")
    inbox.pause("loopback")
    assert oauth.renew(loopback) == "paused"
    assert rows()["due"] == ["active", 1]


UNUSED = "refresh_at = NULL, last_used_at = now() - interval '3 days', connected_at = last_used_at"


@pytest.mark.parametrize(("left", "renewed"), [("40 minutes", 0), ("20 minutes", 1)])
def test_one_that_nobody_uses_is_kept_alive_before_its_refresh_token_ends(
    connected, loopback, left, renewed
):
    ends = f"refresh_expires_at = now() + interval '{left}'"
    connected(
        "unused", f"{UNUSED}, {ends}, granted_at = now() + interval '{left}' - interval '1 hour'"
    )
    assert oauth.renew(loopback) == f"renewed={renewed} failed=0"


def test_one_whose_refresh_token_ends_unrenewed_is_told_of(connected, loopback, rows):
    ends = "refresh_expires_at = now() + interval '{}', key_id = 'lost'"
    connected("soon", ends.format("6 days") + ", granted_at = now() - interval '24 days'")
    connected("later", ends.format("8 days") + ", granted_at = now() - interval '22 days'")
    oauth.renew(loopback)
    assert {account: status for account, (status, _) in rows().items()} == {
        "soon": "expiring",
        "later": "active",
    }


def test_a_broken_module_of_providers_stops_nothing_else(set_to):
    set_to(OAUTH_PROVIDERS="tests.broken", STRIPE_CLIENT_ID="ca_ours")
    providers.cache_clear()
    importlib.reload(tasks)
    due = schedule(settings())
    assert "runs" in due
    assert not any(name.endswith(".oauth") for name in due)
    providers.cache_clear()


def test_doctor_tells_of_addresses_that_others_can_listen_at(authority, monkeypatch):
    assert not any("address" in finding.what for finding in oauth_checks.findings())
    monkeypatch.setenv(oauth_loopback.AT, "http://id.example")
    assert [one.level for one in oauth_checks.findings() if "address" in one.what] == ["fail"]


@pytest.mark.parametrize(("key", "told"), [("sk_test_1", 0), ("rk_test_1", 1), ("", 1)])
def test_doctor_tells_that_accounts_of_stripe_need_a_secret_key(set_to, key, told):
    set_to(STRIPE_CLIENT_ID="ca_ours", STRIPE_API_KEY=key)
    assert sum("STRIPE_API_KEY" in finding.mend for finding in oauth_checks.findings()) == told


@pytest.mark.parametrize("name", ["STRIPE_CONNECT_BASE", "POSTHOG_OAUTH_BASE", "SLACK_BASE"])
def test_an_address_that_secrets_are_sent_to_is_encrypted_or_here(set_to, name):
    for url in ("http://slack.example", "https://a@b.example", "ftp://slack.example", "slack.com"):
        set_to(**{name: url})
        with pytest.raises(SystemExit, match=name):
            settings()
    set_to(**{name: "http://127.0.0.1:8000"})
    settings()


@pytest.mark.parametrize(
    ("what", "renewed"),
    [
        ("status = 'exhausted', retry_at = now(), failures = 9", 1),
        ("status = 'exhausted', retry_at = now() + interval '1 day', failures = 9", 0),
        ("status = 'exhausted'", 0),
        ("status = 'expiring', interrupted_at = now(), retry_at = now(), expires_at = now()", 1),
    ],
)
def test_what_says_when_it_is_to_be_tried_again_is(connected, loopback, what, renewed):
    connected("acme", what)
    assert oauth.renew(loopback) == f"renewed={renewed} failed=0"
