"""What it takes to give a connection up, and how it comes back."""

from types import SimpleNamespace
from typing import Any

import pytest

from integrations.errors import Deferred, Transient
from integrations.oauth import refresh, retries
from integrations.oauth.interface import NotConnected
from integrations.oauth.tokens import token
from simulator.stand_in import Fault

AWAY = Fault(status=400, body=b'{"error":"server_error"}')
OUR_SECRET = Fault(status=401, body=b'{"error":"invalid_client"}')


@pytest.fixture
def fails(authority, connected, aged):
    """Ask once, in vain, after so much time."""

    def ask(after, fault, raised=Transient):
        aged(after)
        authority.faults[:] = [fault]
        with pytest.raises(raised):
            token("loopback", "acme")
        assert authority.faults == []  # it was asked

    return ask


@pytest.fixture
def given_up(fails):
    """The provider was away for four days."""
    for after in ("2 hours", *["1 hour"] * 5, "91 hours"):
        fails(after, AWAY)
    fails("1 hour", AWAY, NotConnected)


def test_two_failures_give_nothing_up_however_much_lies_between(fails, kept):
    fails("2 hours", AWAY)
    fails("30 days", AWAY)
    assert kept()["status"] == "expiring"


def test_while_it_is_not_asked_no_days_of_failures_pass(loopback, connected, sql, kept):
    sql.execute(
        "UPDATE oauth_connections SET failures = 20, failing_since = now() - interval '9 days',"
        " interrupted_at = now() - interval '9 days', status = 'expiring'"
    )
    with pytest.raises(Deferred):
        refresh.ahead(loopback, "acme", 1)
    assert (kept()["failing_since"], kept()["failures"]) == (None, 20)


def test_days_of_failures_give_it_up_and_then_it_is_tried_daily(authority, given_up, aged, kept):
    assert (kept()["status"], kept()["last_error_code"]) == ("exhausted", "unavailable")
    aged("23 hours")
    with pytest.raises(NotConnected):
        token("loopback", "acme")
    assert authority.counts["refresh_token"] == 0
    aged("1 hour")
    assert authority.tokens.works(token("loopback", "acme").value, authority.now())
    assert (kept()["status"], kept()["failing_since"]) == ("active", None)


def test_one_that_was_given_up_comes_back_when_somebody_says_so(authority, given_up, kept):
    assert refresh.retry("loopback", "acme")
    assert (kept()["status"], kept()["token_version"]) == ("active", 2)


def test_who_says_so_is_told_if_it_is_in_vain(authority, given_up, connected, kept):
    authority.families[0].revoke("by its owner")
    with pytest.raises(NotConnected):
        refresh.retry("loopback", "acme")
    assert (kept()["status"], kept()["last_error_code"]) == ("exhausted", "invalid_grant")
    for service, account in (("loopback", "other"), ("nobody", "acme")):
        with pytest.raises(NotConnected):
            refresh.retry(service, account)


def test_our_own_mistake_gives_nothing_up_however_long_it_stands(authority, fails, kept):
    for _ in range(7):
        fails("1 day", OUR_SECRET)
    assert (kept()["status"], kept()["last_error_code"]) == ("expiring", "invalid_client")
    fails("1 day", AWAY)  # whose days begin now
    assert refresh.retry("loopback", "acme")


def test_each_failure_makes_the_pause_longer_up_to_an_hour(fails, aged):
    for pause in (30, 60, 120):
        fails("2 hours" if pause == 30 else f"{pause // 2 + 1} seconds", AWAY)
        with pytest.raises(Deferred) as deferred:
            token("loopback", "acme")
        assert pause * 0.75 - 5 < deferred.value.wait <= pause
    for _ in range(5):
        fails("1 hour", AWAY)


def test_those_that_fail_together_are_not_tried_again_together(loopback):
    row: Any = SimpleNamespace(failures=3, interrupted_at=None)
    pauses = [retries.pause(loopback, row, Transient("away")) for _ in range(20)]
    assert len(set(pauses)) > 1
    assert all(180 <= seconds <= 240 for seconds in pauses)


def test_what_was_taken_back_is_wiped_though_a_refresh_was_interrupted(
    authority, connected, aged, kept, sql
):
    aged("2 hours")
    sql.execute("UPDATE oauth_connections SET interrupted_at = now()")
    authority.faults += [Fault(status=400, body=b'{"error":"token_revoked"}')]
    with pytest.raises(NotConnected):
        token("loopback", "acme")
    row = kept()
    assert (row["status"], row["last_error_code"]) == ("revoked", "interrupted_refresh")
    assert (row["access_token"], row["refresh_token"]) == (None, None)
