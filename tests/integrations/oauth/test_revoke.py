"""What is revoked: both tokens there, and here the rows that a webhook event is about."""

import threading
from datetime import UTC, datetime

import psycopg
import pytest

from db.session import transaction
from integrations.errors import Permanent
from integrations.interface import Event, Snapshot
from integrations.oauth import revoke
from integrations.oauth.providers import providers
from integrations.stripe import oauth as stripe
from simulator.oauth_dials import stripe_connect
from simulator.stand_in import Fault
from tests.oauth_loopback import connect

_UNSUPPORTED = Fault(status=400, body=b'{"error":"unsupported_token_type"}')


def test_both_tokens_are_revoked(authority, loopback, connected):
    assert revoke.revoke(loopback, "acme")
    assert authority.counts["revoke"] == 2


def test_an_access_token_that_cannot_be_revoked_ends_by_itself(authority, loopback, connected):
    authority.faults += [Fault(status=200), _UNSUPPORTED]
    assert revoke.revoke(loopback, "acme")


def test_what_is_all_that_there_is_has_to_be_revoked(authority, loopback, kept):
    authority.dials.refresh_tokens = "none"
    connect(loopback)
    authority.faults += [_UNSUPPORTED]
    with pytest.raises(Permanent, match="the access_token: unsupported_token_type"):
        revoke.revoke(loopback, "acme")
    assert kept()["status"] == "active"


def test_an_account_that_stripe_does_not_know_any_more_is_revoked(authority, set_to, kept):
    authority.dials = stripe_connect()
    client = {"STRIPE_CLIENT_ID": authority.client_id, "STRIPE_API_KEY": authority.client_secret}
    set_to(**client, STRIPE_CONNECT_BASE=authority.url)
    connect(stripe.PROVIDER)
    said = b'{"error":"invalid_client","error_description":"%s"}'
    authority.faults += [Fault(401, said % b"No such API key")]
    with pytest.raises(Permanent, match="invalid_client"):
        revoke.revoke(stripe.PROVIDER, "acme")
    why = b"This application is not connected to stripe account acct_1, or that does not exist."
    authority.faults += [Fault(401, said % why)]
    assert revoke.revoke(stripe.PROVIDER, "acme")
    assert kept(service="stripe")["status"] == "revoked"


@pytest.fixture
def deauthorised(set_to, sql):
    """Return the events that end the connections to these accounts of Stripe's, which are made."""
    set_to(STRIPE_CLIENT_ID="ca_1")

    def event(account):
        made = "INSERT INTO oauth_connections (service, account, external_id) VALUES (%s, %s, %s)"
        sql.execute(made, ["stripe", f"our {account}", account])
        what = Snapshot("application", {"id": "ca_1"}, 0, "webhook")
        type, now = "account.application.deauthorized", datetime.now(UTC)
        return Event("stripe", f"evt_{account}", type, now, what, {}, account=account)

    return lambda *accounts: [event(account) for account in accounts]


def test_rows_are_locked_in_one_order_whatever_order_events_come_in(deauthorised, sql, until):
    events = deauthorised("acct_2", "acct_1")
    row = "SELECT FROM oauth_connections WHERE external_id = '{}' FOR UPDATE NOWAIT"
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"

    def end():
        with transaction() as session:
            revoke.end(session, events)

    thread = threading.Thread(target=end)
    with sql.transaction():
        sql.execute(row.format("acct_1"))
        thread.start()
        with psycopg.connect(sql.info.dsn, password=sql.info.password, autocommit=True) as other:
            until(lambda: other.execute(waits).fetchone() == (1,))
            other.execute("SET search_path = tallyman_test")
            other.execute(row.format("acct_2"))
    thread.join()
    statuses = sql.execute("SELECT DISTINCT status FROM oauth_connections").fetchall()
    assert statuses == [("revoked",)]


def test_a_broken_module_of_providers_keeps_no_deauthorisation_from_being_seen(
    deauthorised, set_to, sql
):
    events = deauthorised("acct_1")
    set_to(OAUTH_PROVIDERS="tests.broken")
    providers.cache_clear()
    with transaction() as session:
        revoke.end(session, events)
    providers.cache_clear()
    assert sql.execute("SELECT status FROM oauth_connections").fetchall() == [("revoked",)]
