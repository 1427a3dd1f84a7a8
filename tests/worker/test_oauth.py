"""Connections that stay alive without anybody's asking, and one that the service ends."""

import time

import pytest

from settings import settings
from simulator.stand_in import Fault
from tests.worker import stories
from worker import oauth
from worker.schedule import schedule
from worker.tasks import oauth as tasks  # noqa: F401  each registers its own

CLIENT, ACCOUNT = "ca_ours", "acct_owner"


@pytest.fixture
def loopback(authority):
    from integrations.oauth.providers import providers

    return providers()["loopback"]


@pytest.fixture
def connected(loopback):
    from tests.oauth_loopback import connect

    return lambda account: connect(loopback, account)


@pytest.fixture
def change(sql):
    """Change the row of an account."""

    def change(account, what):
        sql.execute(f"UPDATE oauth_connections SET {what} WHERE account = '{account}'")

    return change


@pytest.fixture
def versions(sql):
    query = "SELECT account, token_version FROM oauth_connections"
    return lambda: dict(sql.execute(query).fetchall())


@pytest.fixture
def status(sql):
    query = "SELECT status FROM oauth_connections WHERE account = %s"
    return lambda account: sql.execute(query, [account]).fetchone()[0]


def test_it_is_renewed_ahead_of_need(authority, loopback, connected, change, versions):
    for account in ("due", "later"):
        connected(account)
    change("due", "refresh_at = now()")
    assert oauth.renew(loopback) == "renewed=1 failed=0"
    assert versions() == {"due": 2, "later": 1}
    assert oauth.renew(loopback) == "renewed=0 failed=0"


def test_those_of_many_are_not_due_at_once(loopback, connected, sql):
    for n in range(20):
        connected(f"acme_{n}")
    query = "SELECT extract(epoch FROM expires_at - refresh_at) FROM oauth_connections"
    ahead = [float(seconds) for (seconds,) in sql.execute(query)]
    assert all(600 <= seconds <= 900 for seconds in ahead)
    assert max(ahead) - min(ahead) > 60


def test_one_that_nobody_uses_is_kept_alive_daily(authority, loopback, connected, change, versions):
    connected("unused")
    long_ago = "last_used_at = now() - interval '3 days', connected_at = now() - interval '9 days'"
    change("unused", f"{long_ago}, refresh_at = now() - interval '1 hour'")
    assert oauth.renew(loopback) == "renewed=0 failed=0"
    change("unused", "granted_at = now() - interval '25 hours'")
    assert oauth.renew(loopback) == "renewed=1 failed=0"
    assert versions() == {"unused": 2}


def test_what_a_dead_process_left_is_taken_up(authority, loopback, connected, change, status):
    connected("left")
    change("left", "status = 'refreshing', attempt = gen_random_uuid(), attempt_at = now()")
    assert oauth.renew(loopback) == "renewed=0 failed=0"
    change("left", "attempt_at = now() - interval '1 minute', expires_at = now()")
    assert oauth.renew(loopback) == "renewed=1 failed=0"
    assert status("left") == "active"


def test_what_fails_is_counted_and_the_others_go_on(authority, loopback, connected, change, status):
    for account in ("a", "b"):
        connected(account)
        change(account, "refresh_at = now()")
    change("a", "refresh_at = now() - interval '1 minute'")
    authority.faults += [Fault(status=400, body=b'{"error":"server_error"}')]
    assert oauth.renew(loopback) == "renewed=1 failed=1"
    assert (status("a"), status("b")) == ("expiring", "active")
    assert oauth.renew(loopback) == "renewed=0 failed=0"


@pytest.fixture
def at_first_503(authority, set_to):
    """Let the provider fail once, and the breaker open at that."""
    set_to(BREAKER_FAILURES=1)
    return lambda: authority.faults.append(Fault(status=503))


def test_a_breaker_that_opens_ends_the_slice(loopback, connected, change, at_first_503, sql):
    for n in range(5):
        connected(f"acme_{n}")
        change(f"acme_{n}", "refresh_at = now()")
    at_first_503()
    assert oauth.renew(loopback) == "renewed=0 failed=1"
    failures = sql.execute("SELECT sum(failures) FROM oauth_connections").fetchone()
    assert failures == (1,)


def test_one_that_cannot_be_renewed_is_told_of_before_it_ends(
    authority, loopback, connected, change, status
):
    authority.dials.refresh_tokens, most = "none", "interval '50 minutes'"
    connected("short")
    oauth.renew(loopback)
    assert status("short") == "active"
    change("short", f"granted_at = granted_at - {most}, expires_at = expires_at - {most}")
    oauth.renew(loopback)
    assert status("short") == "expiring"
    change("short", "expires_at = now()")
    oauth.renew(loopback)
    assert status("short") == "exhausted"


@pytest.fixture
def stripe_account(clean, set_to, sql):
    """Give the row of a connected account of Stripe, made at that time."""
    set_to(STRIPE_CLIENT_ID=CLIENT)

    def insert(account, connected_at="2026-01-01", external_id=ACCOUNT):
        sql.execute(
            "INSERT INTO oauth_connections (service, account, external_id, access_token,"
            " refresh_token, connected_at) VALUES ('stripe', %s, %s, 'a', 'r', %s)",
            [account, external_id, connected_at],
        )

    return insert


def _deauthorized(application=CLIENT):
    what, object = "account.application.deauthorized", {"id": application, "object": "application"}
    return stories.stripe("evt_1", what, object, at=int(time.time()), account=ACCOUNT)


def test_an_account_that_deauthorises_us_is_revoked(stripe_account, status, ledger):
    stripe_account("acme")
    stripe_account("other", external_id="acct_other")
    stripe_account("again", connected_at="2099-01-01")
    stories.put(_deauthorized())
    stories.drained()
    assert [event["status"] for event in ledger().values()] == ["handled"]
    assert [status(one) for one in ("acme", "other", "again")] == ["revoked", "active", "active"]


def test_what_deauthorises_another_application_is_not_about_us(stripe_account, status, ledger):
    stripe_account("acme")
    stories.put(_deauthorized(application="ca_theirs"))
    stories.drained()
    assert [event["status"] for event in ledger().values()] == ["ignored"]
    assert status("acme") == "active"


def test_only_what_is_set_up_is_renewed_and_only_with_a_key(set_to):
    def due():
        return [name for name in schedule(settings()) if name.endswith(".oauth")]

    assert due() == []
    set_to(STRIPE_CLIENT_ID=CLIENT, SLACK_CLIENT_ID="1.2")
    assert due() == ["stripe.oauth", "slack.oauth"]
    set_to(ENCRYPTION_KEYS="")
    assert due() == []


def test_each_provider_has_a_task_and_the_figures_tell_of_its_connections(
    loopback, connected, change
):
    from worker.celery import app

    assert {"stripe.oauth.refresh", "posthog.oauth.refresh", "slack.oauth.refresh"} <= set(
        app.tasks
    )
    connected("acme")
    change("acme", "failures = 3")
    [row] = oauth.standings()
    assert (row.service, row.status, row.connections, row.failures) == ("loopback", "active", 1, 3)
    assert 3500 < row.ends_in <= 3600
