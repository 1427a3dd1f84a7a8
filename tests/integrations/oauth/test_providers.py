"""Each service's way, tried under its own dials; and what answers may not be."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.errors import Permanent, Transient
from integrations.oauth import exchange, revoke
from integrations.oauth.interface import Misconfigured, Refused
from integrations.oauth.providers import BadProvidersError, providers, usable
from integrations.oauth.tokens import token
from integrations.slack import oauth as slack
from simulator import oauth_dials
from simulator.stand_in import Fault
from tests.oauth_loopback import BACK, connect

SETTINGS = {
    "stripe": {"STRIPE_CLIENT_ID": "ca_1", "STRIPE_API_KEY": "sk_test_1"},
    "posthog": {"POSTHOG_OAUTH_CLIENT_ID": "https://us.example/client.json"},
    "slack": {"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "hush"},
}
BASES = {
    "stripe": "STRIPE_CONNECT_BASE",
    "posthog": "POSTHOG_OAUTH_BASE",
    "slack": "SLACK_BASE",
}


@pytest.fixture
def at(authority, set_to):
    """Set a service up, at an authority with these dials; give its provider."""

    def at(service, dials):
        set_to(**SETTINGS[service], **{BASES[service]: authority.url})
        authority.dials = dials
        provider = providers()[service]
        authority.client_id, authority.client_secret = (
            provider.client().id,
            provider.client().secret,
        )
        return provider

    return at


def test_stripe_gives_what_never_ends_and_names_the_account(authority, at, kept, aged):
    connect(at("stripe", oauth_dials.stripe_connect()))
    row = kept(service="stripe")
    assert (row["external_id"], row["expires_at"], row["refresh_at"]) == ("acct_owner", None, None)
    assert not any("token" in name for name in row["extra"])
    aged("400 days")
    first = token("stripe", "acme")
    assert token("stripe", "acme", but_not=first.version).value != first.value
    assert kept(service="stripe")["status"] == "active"


def test_posthog_renews_every_hour_with_a_new_refresh_token(authority, at, kept, aged):
    connect(at("posthog", oauth_dials.posthog()))
    first = kept(service="posthog")
    left = first["refresh_expires_at"] - datetime.now(UTC)
    assert timedelta(days=29) < left <= timedelta(days=30)
    for _ in range(3):
        aged("1 hour")
        token("posthog", "acme")
    assert kept(service="posthog")["token_version"] == 4
    assert authority.counts["refresh_token"] == 3
    assert not authority.families[0].revoked


@pytest.mark.parametrize("rotates", [False, True])
def test_slack_tells_errors_with_200_and_ends_only_where_it_rotates(at, kept, rotates):
    provider = at("slack", oauth_dials.slack(rotates=rotates))
    connect(provider)
    row = kept(service="slack")
    assert (row["expires_at"] is not None, row["refresh_token"] is not None) == (rotates, rotates)
    assert row["external_id"]
    with pytest.raises(Refused):
        exchange.refresh(provider, "made-up")


def test_slack_gives_the_user_s_token_inside_where_there_is_no_bot():
    told = {"ok": True, "team": {"id": "T1"}, "authed_user": {"access_token": "xoxp-1"}}
    found = slack.read(told | {"authed_user": {"access_token": "xoxp-1", "scope": "a,b"}})
    assert (found.access_token, found.scopes, found.external_id) == ("xoxp-1", ("a", "b"), "T1")


def test_slack_names_the_organisation_where_all_of_it_installed_the_app():
    told = {"ok": True, "access_token": "xoxb-1", "team": None, "enterprise": {"id": "E1"}}
    assert slack.read(told).external_id == "E1"


@pytest.mark.parametrize(
    ("service", "dials"),
    [
        ("stripe", oauth_dials.stripe_connect()),
        ("posthog", oauth_dials.posthog()),
        ("slack", oauth_dials.slack()),
    ],
)
def test_what_is_revoked_is_revoked_there_and_wiped_here(authority, at, kept, service, dials):
    provider = at(service, dials)
    connect(provider)
    assert revoke.revoke(provider, "acme")
    row = kept(service=service)
    assert (row["status"], row["access_token"], row["key_id"]) == ("revoked", None, None)
    assert authority.families[0].revoked
    assert not revoke.revoke(provider, "acme")


def test_what_the_service_does_not_revoke_stays_unless_it_is_to_go_anyway(
    authority, loopback, connected, kept
):
    for fault in (Fault(status=400, body=b'{"error":"unsupported_token_type"}'), Fault(503)):
        authority.faults += [fault]
        with pytest.raises((Permanent, Transient)):
            revoke.revoke(loopback, "acme")
        assert kept()["status"] == "active"
    authority.faults += [Fault(status=400)]
    assert revoke.revoke(loopback, "acme", anyway=True)
    assert kept()["refresh_token"] is None


def test_a_code_that_is_refused_or_a_client_that_is_wrong_says_so(authority, loopback):
    with pytest.raises(Refused) as refused:
        exchange.code(loopback, "made-up", redirect_uri=BACK, verifier="v" * 43)
    assert refused.value.code == "invalid_grant"
    authority.client_secret = "another"
    with pytest.raises(Misconfigured) as wrong:
        exchange.code(loopback, "made-up", redirect_uri=BACK, verifier="v" * 43)
    assert wrong.value.code == "invalid_client"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error":"invalid_grant secret=hush"}', "unknown_error"),
        (b'{"error":{"type":"invalid_grant","message":"hush"}}', "invalid_grant"),
        (b'{"error":{}}', "unknown_error"),
        (b'{"ok":false}', "unknown_error"),
        (b'{"ok":false,"error":"internal_error"}', "internal_error"),
    ],
)
def test_of_an_error_nothing_but_its_code_is_told(authority, loopback, body, said):
    authority.faults += [Fault(status=400, body=body)]
    with pytest.raises((Refused, Transient)) as error:
        exchange.refresh(loopback, "rt-hush")
    assert str(error.value).endswith(said)
    assert "hush" not in repr(error.value)


def test_no_token_is_printed(connected):
    assert connected.access_token not in repr(connected)
    assert connected.refresh_token not in repr(connected)
    assert token("loopback", "acme").value not in repr(token("loopback", "acme"))


@pytest.mark.parametrize("module", ["no.such", "settings", "tests.handlers", "tests.broken"])
def test_a_module_without_providers_is_refused(set_to, module):
    set_to(OAUTH_PROVIDERS=module)
    providers.cache_clear()
    with pytest.raises(BadProvidersError):
        providers()
    assert usable() == {}
    set_to(OAUTH_PROVIDERS="")
    providers.cache_clear()
