"""What the service refuses though we took it for good: one answer of 401 may be its mistake."""

import pytest

from integrations.errors import Deferred
from integrations.oauth import refresh
from integrations.oauth.interface import NotConnected
from integrations.oauth.tokens import TokenRefused, token, with_token
from simulator.stand_in import Fault
from worker import oauth

NEARLY = "56 minutes"  # of the hour that the authority's tokens live


def _refuses(_):
    raise TokenRefused


@pytest.fixture
def unrenewable(connected, sql):
    """The account's token has no end, and nothing renews it."""
    sql.execute("UPDATE oauth_connections SET refresh_token = NULL, expires_at = NULL")


def _call(raised):
    with pytest.raises(raised):
        with_token("loopback", "acme", _refuses)


def test_one_401_ends_no_token_that_cannot_be_renewed(unrenewable, connected, kept, aged):
    _call(Deferred)
    aged("20 seconds")
    _call(Deferred)
    assert (kept()["status"], kept()["last_error_code"]) == ("expiring", "token_refused")
    assert token("loopback", "acme").value == connected.access_token


def test_two_of_them_end_it_and_then_it_is_not_handed_out(unrenewable, kept, aged):
    _call(Deferred)
    aged("31 seconds")
    _call(NotConnected)
    assert (kept()["status"], kept()["last_error_code"]) == ("exhausted", "token_refused")
    with pytest.raises(NotConnected):
        token("loopback", "acme")
    assert not refresh.retry("loopback", "acme")
    assert (token("loopback", "acme").version, kept()["refused_at"]) == (1, None)


def test_two_that_lie_far_apart_do_not(unrenewable, kept, aged):
    for _ in range(3):
        _call(Deferred)
        aged("3 days")
    assert kept()["status"] == "expiring"


def test_one_that_none_followed_for_days_is_forgotten(unrenewable, loopback, kept, aged):
    _call(Deferred)
    for left in ("1 day", "1 day"):
        oauth.renew(loopback)
        assert kept()["status"] == "expiring"
        aged(left)
    oauth.renew(loopback)
    assert (kept()["status"], kept()["last_error_code"]) == ("active", None)


def test_a_doubtful_refresh_token_is_sent_only_at_the_second(authority, connected, aged, kept):
    aged(NEARLY)
    authority.faults += [Fault(resets=True)]
    assert token("loopback", "acme").version == 1
    for seconds in (31, 20):
        aged(f"{seconds} seconds")
        with pytest.raises(Deferred):
            token("loopback", "acme", but_not=1)
    assert authority.counts["refresh_token"] == 0  # the fault is not counted
    aged("11 seconds")
    assert token("loopback", "acme", but_not=1).version == 2
    assert (kept()["status"], kept()["refused_at"]) == ("active", None)
