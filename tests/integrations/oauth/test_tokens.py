"""A token for an account: kept, renewed in time, and what it takes to lose it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from integrations.errors import Blocked, Deferred, Transient
from integrations.oauth import refresh
from integrations.oauth.interface import Locked, NotConnected
from integrations.oauth.providers import providers
from integrations.oauth.tokens import TokenRefused, token, with_token
from simulator.stand_in import Fault

NEARLY = "56 minutes"  # of the hour that the authority's tokens live


def _refreshes(authority):
    return authority.counts["refresh_token"]


def test_a_token_that_is_good_for_a_while_is_that_of_the_row(authority, connected):
    found = token("loopback", "acme")
    assert (found.value, found.version, found.type) == (connected.access_token, 1, "Bearer")
    assert _refreshes(authority) == 0


def test_within_the_margin_it_is_renewed_and_works(authority, connected, aged, kept):
    aged(NEARLY)
    found = token("loopback", "acme")
    assert found.value != connected.access_token
    assert authority.tokens.works(found.value, authority.now())
    assert token("loopback", "acme").value == found.value
    assert (_refreshes(authority), kept()["token_version"], kept()["status"]) == (1, 2, "active")
    assert found.expires_at == kept()["expires_at"]


def test_nobody_is_given_a_token_who_is_not_connected(authority, connected):
    for service, account in (("loopback", "other"), ("stripe", "acme"), ("nobody", "acme")):
        with pytest.raises(NotConnected):
            token(service, account)


def test_a_module_of_providers_that_is_broken_costs_no_connection(connected, set_to, kept):
    set_to(OAUTH_PROVIDERS="tests.broken")
    providers.cache_clear()
    for ask in (token, refresh.retry):
        with pytest.raises(Deferred, match=r"tests\.broken"):
            ask("loopback", "acme")
    assert kept()["status"] == "active"


def test_a_token_without_an_end_is_never_renewed(authority, connected, sql, aged):
    sql.execute("UPDATE oauth_connections SET expires_at = NULL, refresh_at = NULL")
    aged("10 years")
    assert token("loopback", "acme").value == connected.access_token


def test_threads_that_ask_at_once_make_one_exchange(authority, connected, aged):
    authority.dials.slow = 0.2
    aged(NEARLY)
    everybody = threading.Barrier(40)

    def ask(_):
        everybody.wait()
        return token("loopback", "acme").value

    with ThreadPoolExecutor(40) as pool:
        found = set(pool.map(ask, range(40)))
    assert (len(found), _refreshes(authority)) == (1, 1)


def test_a_401_renews_once_and_calls_again(authority, connected, aged):
    aged("5 minutes")
    called = []

    def call(given):
        called.append(given.value)
        if given.value == connected.access_token:
            raise TokenRefused
        return "done"

    assert with_token("loopback", "acme", call) == "done"
    assert (len(called), _refreshes(authority)) == (2, 1)


def test_a_new_token_that_is_refused_is_not_renewed_again_and_again(authority, connected, aged):
    aged("5 minutes")

    def call(_):
        raise TokenRefused

    with pytest.raises(TokenRefused):
        with_token("loopback", "acme", call)
    with pytest.raises(Deferred) as deferred:
        with_token("loopback", "acme", call)
    assert 0 < deferred.value.wait <= 30
    assert _refreshes(authority) == 1


def test_a_failure_that_may_pass_leaves_the_token_while_it_works(authority, connected, aged, kept):
    aged(NEARLY)
    authority.faults += [Fault(status=400, body=b'{"error":"temporarily_unavailable"}')]
    assert token("loopback", "acme").value == connected.access_token
    row = kept()
    assert (row["status"], row["failures"]) == ("expiring", 1)
    assert row["last_error_code"] == "unavailable"
    token("loopback", "acme")
    assert _refreshes(authority) == 0  # it rests; the fault was not counted as a grant
    aged("31 seconds")
    assert token("loopback", "acme").value != connected.access_token
    assert (kept()["status"], kept()["failures"], kept()["failing_since"]) == ("active", 0, None)


FAULTS = {
    "reset": (Fault(resets=True), "no_whole_answer"),
    "a page": (Fault(status=200, body=b"<html>busy</html>"), "no_whole_answer"),
    "no token": (Fault(status=200, body=b'{"ok":true}'), "no_whole_answer"),
    "a 503": (Fault(status=503), "no_whole_answer"),
    "a 429": (Fault(status=429), "unavailable"),
    "our secret": (Fault(status=401, body=b'{"error":"invalid_client"}'), "invalid_client"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_one_day_of_failures_ends_no_connection(authority, connected, aged, kept, name):
    fault, code = FAULTS[name]
    aged("2 hours")
    authority.faults += [fault]
    with pytest.raises(Transient):
        token("loopback", "acme")
    with pytest.raises(Deferred):
        token("loopback", "acme")
    assert (kept()["status"], kept()["last_error_code"]) == ("expiring", code)


def test_a_refused_refresh_token_ends_it_at_once_but_not_the_token_that_works(
    authority, connected, aged, kept
):
    authority.families[0].revoke("by its owner")
    aged(NEARLY)
    assert token("loopback", "acme").value == connected.access_token
    assert (kept()["status"], kept()["last_error_code"]) == ("exhausted", "invalid_grant")
    aged("4 minutes")
    with pytest.raises(NotConnected):
        token("loopback", "acme")
    assert _refreshes(authority) == 1


def test_one_that_was_taken_back_is_wiped(authority, connected, aged, kept):
    aged(NEARLY)
    authority.faults += [Fault(status=400, body=b'{"error":"token_revoked"}')]
    with pytest.raises(NotConnected):
        token("loopback", "acme")
    row = kept()
    assert (row["status"], row["access_token"], row["refresh_token"]) == ("revoked", None, None)


def test_without_its_key_nothing_is_given_nor_asked(authority, connected, aged, set_to):
    for keys in ("", "no-key", "c" * 43 + "="):
        set_to(ENCRYPTION_KEYS=keys)
        with pytest.raises(Locked):
            token("loopback", "acme")
    aged("2 hours")
    with pytest.raises(Locked):
        token("loopback", "acme")
    assert _refreshes(authority) == 0


def test_an_open_breaker_costs_no_failure(authority, connected, aged, kept, set_to):
    set_to(BREAKER_FAILURES=1)
    aged("2 hours")
    authority.faults += [Fault(status=503)]
    with pytest.raises(Transient):
        token("loopback", "acme")
    aged("31 seconds")
    with pytest.raises(Blocked):
        token("loopback", "acme")
    assert (kept()["failures"], kept()["status"]) == (1, "expiring")


def test_a_refresh_token_that_stays_is_kept(authority, connected, aged, kept):
    authority.dials.refresh_tokens = "stay"
    authority.faults += [Fault(status=200, body=b'{"access_token":"a","expires_in":3600}')]
    aged(NEARLY)
    first = token("loopback", "acme")
    aged(NEARLY)
    assert token("loopback", "acme").value != first.value
    assert (kept()["token_version"], kept()["status"]) == (3, "active")
