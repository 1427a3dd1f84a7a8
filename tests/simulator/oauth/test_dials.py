"""How the loopback authorisation server behaves as services do."""

import pytest
import requests

from simulator import oauth_dials
from simulator.oauth_dials import OAuthDials
from simulator.stand_in import Fault


def test_in_the_grace_a_used_refresh_token_brings_the_same_pair(clock, server, exchange, refresh):
    server.dials.grace_seconds = 120
    first = exchange().json()["refresh_token"]
    second = refresh(first).json()
    clock.at += 119
    again = refresh(first).json()
    tokens = ("access_token", "refresh_token")
    assert [again[name] for name in tokens] == [second[name] for name in tokens]
    clock.at += 1
    assert refresh(first).status_code == 400
    assert server.families[0].revoked


def test_a_refresh_token_dies_unused_when_a_dial_says_when(clock, server, exchange, refresh):
    server.dials.refresh_seconds = 60
    token = exchange().json()["refresh_token"]
    clock.at += 60
    assert refresh(token).json()["error"] == "invalid_grant"


def test_what_is_revoked_works_no_more(exchange, ask, refresh, works):
    given = exchange().json()
    assert ask("/oauth/revoke", token=given["refresh_token"]).status_code == 200
    assert not works(given["access_token"])
    assert refresh(given["refresh_token"]).status_code == 400


@pytest.mark.parametrize("consent_is", ["denies", "asks"])
def test_the_owner_is_asked_or_says_no(server, consent, consent_is):
    server.dials.consent = consent_is
    assert consent() == 200 if consent_is == "asks" else consent()["error"] == "access_denied"


def test_stripe_connect_gives_tokens_for_ever(clock, server, exchange, refresh, works):
    server.dials = oauth_dials.stripe_connect()
    given = exchange().json()
    assert "expires_in" not in given
    assert given["stripe_user_id"] == "acct_owner"
    again = refresh(given["refresh_token"]).json()
    assert again["refresh_token"] == given["refresh_token"]
    clock.at += 10**8
    assert works(given["access_token"])


def test_an_app_of_stripe_does_not_tell_that_its_tokens_expire(
    clock, server, exchange, refresh, works
):
    server.dials = oauth_dials.stripe_apps()
    given = exchange().json()
    assert "expires_in" not in given
    clock.at += 3600
    assert not works(given["access_token"])
    assert refresh(given["refresh_token"]).json()["refresh_token"] != given["refresh_token"]


def test_slack_tells_of_errors_with_200_and_gives_no_refresh_token(server, exchange):
    server.dials = oauth_dials.slack()
    assert "refresh_token" not in exchange().json()
    refused = exchange(code="made-up")
    assert (refused.status_code, refused.json()["ok"]) == (200, False)
    server.dials = oauth_dials.slack(rotates=True)
    assert exchange().json()["expires_in"] == 12 * 3600


def test_posthog_wants_no_secret(server, exchange):
    server.dials = oauth_dials.posthog()
    assert exchange().json()["access_token"]


def test_errors_are_a_page_when_a_dial_says_so(server, exchange):
    server.dials = OAuthDials(errors="html")
    refused = exchange(code="made-up")
    assert (refused.status_code, refused.headers["content-type"]) == (400, "text/html")


def test_an_answer_is_lost_after_all_was_done(server, exchange, refresh):
    given = exchange().json()["refresh_token"]
    server.faults.append(Fault(resets=True, done=True))
    with pytest.raises(requests.ConnectionError):
        refresh(given)
    assert len(server.families[0].pairs) == 2
