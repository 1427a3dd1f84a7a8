"""Token answers as providers shape them: what is odd in one costs nobody his tokens."""

import json
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from integrations.errors import Permanent, Transient, Unreadable
from integrations.oauth import exchange, refresh, revoke
from integrations.oauth.answers import LONGEST, Grant, grant
from integrations.oauth.interface import Client, Endpoints, Refused
from integrations.oauth.tokens import token
from simulator.stand_in import Fault
from tests.oauth_loopback import BACK, code_of, connect, provider


@pytest.mark.parametrize("answer", [{}, {"access_token": 1}, {"access_token": "\ud800"}])
def test_what_has_no_access_token_is_no_answer(answer):
    with pytest.raises(Unreadable):
        grant(answer | {"token_type": "Bearer"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("expires_in", "1h"),
        ("expires_in", True),
        ("expires_in", -1),
        ("expires_in", float("nan")),
        ("expires_in", 10**400),
        ("refresh_token_expires_in", {}),
        ("refresh_token", [7]),
        ("token_type", ["Bearer"]),
        ("token_type", "Bea\0rer"),
        ("scope", {"read": True}),
        ("scope", ["read", 7]),
        ("account", ["acct_1"]),
        ("account", "acct_\ud800"),
    ],
)
def test_whatever_else_does_not_fit_counts_as_not_told(name, value):
    bare = grant({"access_token": "a"})
    found = grant({"access_token": "a", name: value}, external_id="account")
    assert found == replace(bare, odd=(name,))


@pytest.mark.parametrize(
    ("told", "field", "read"),
    [
        ({"expires_in": "3600"}, "expires_in", 3600),
        ({"expires_in": 1e300}, "expires_in", 100 * 365 * 86_400),
        ({"expires_in": 0}, "expires_in", None),
        ({"expires_in": ""}, "expires_in", None),
        ({"refresh_expires_in": 1800}, "refresh_expires_in", 1800),
        ({"refresh_token_expires_in": 60, "refresh_expires_in": 0}, "refresh_expires_in", 60),
        ({"scope": ["read", "write"]}, "scopes", ("read", "write")),
        ({"scope": ""}, "scopes", None),
        ({"account": 42}, "external_id", "42"),
        ({"refresh_token": 7}, "refresh_token", "7"),
    ],
)
def test_what_is_told_in_other_ways_is_taken(told, field, read):
    found = grant({"access_token": "a", **told}, external_id="account")
    assert (getattr(found, field), found.odd) == (read, ())


ODD = {"access_token": "at-next", "refresh_token": "rt-next", "expires_in": "1h", "scope": ["a"]}


def test_a_rotated_pair_is_kept_though_a_field_became_odd(authority, connected, kept, aged):
    aged("1 minute")
    authority.faults += [Fault(200, json.dumps(ODD).encode())]
    with capture_logs() as logs:
        assert token("loopback", "acme", but_not=1).value == "at-next"
    assert (kept()["status"], kept()["scopes"], kept()["failures"]) == ("active", ["a"], 0)
    told = [(one["service"], one["fields"]) for one in logs if one["event"] == "oauth.odd_answer"]
    assert told == [("loopback", ("expires_in",))]


def _fails(answer):
    return grant({"access_token": answer["no_such_field"]})


def test_a_team_s_reading_that_fails_loses_no_rotated_pair(authority, connected):
    given = exchange.refresh(provider(read=_fails), connected.refresh_token)
    assert given.access_token
    assert given.refresh_token not in (None, connected.refresh_token)
    with pytest.raises(Transient, match="KeyError"):
        exchange.code(
            provider(read=_fails), code_of(provider()), redirect_uri=BACK, verifier="v" * 43
        )


GIVEN = {"access_token": "at-next", "refresh_token": "rt-next"}


@pytest.mark.parametrize("error", ["", False, None, {"code": "ok"}, "none"])
def test_tokens_that_were_given_are_kept_whatever_is_said_of_an_error(authority, clean, error):
    authority.faults += [Fault(200, json.dumps(GIVEN | {"error": error}).encode())]
    assert exchange.refresh(provider(), "rt").refresh_token == "rt-next"


def test_what_says_that_it_is_not_ok_gives_nothing(authority, clean):
    authority.faults += [Fault(200, json.dumps(GIVEN | {"ok": False}).encode())]
    with pytest.raises(Transient, match="unknown_error"):
        exchange.refresh(provider(), "rt")


@pytest.mark.parametrize(
    "wrong",
    [
        {"access_token": b"a"},
        {"refresh_token": 7},
        {"token_type": None},
        {"expires_in": "1h"},
        {"scopes": "read write"},
        {"scopes": (1,)},
        {"external_id": 7},
        {"extra": ["a"]},
    ],
)
def test_a_team_s_reading_of_the_wrong_types_gives_way_to_the_standard_s(authority, clean, wrong):
    authority.faults += [Fault(200, json.dumps(GIVEN | {"expires_in": 60}).encode())]
    given = exchange.refresh(provider(read=lambda answer: Grant(**(answer | wrong))), "rt")
    assert (given.refresh_token, given.expires_in) == ("rt-next", 60)


def test_lengths_of_time_of_a_team_s_reading_are_read_as_the_standard_s_are():
    told: dict[str, Any] = {"expires_in": "3600", "refresh_expires_in": 1e300}
    given = Grant(access_token="a", **told)
    assert (given.expires_in, given.refresh_expires_in) == (3600, LONGEST)


def test_no_secret_is_kept_beside_the_tokens_but_what_sounds_like_one_is():
    secret = {"id_token": 1, "accessToken": 1, "client_secret": 1, "code": 1, "device_code": 1}
    plain = {"country_code": "NL", "token_scope": "all", "secretary": "ada", "tokens_left": 7}
    answer = {"access_token": "a"} | secret | plain
    assert grant(answer, keep=answer).extra == plain


def _no_setting():
    raise KeyError("ACME_ID")


@pytest.mark.parametrize("name", ["client", "endpoints"])
def test_a_provider_that_fails_before_it_is_asked_puts_nothing_in_doubt(
    authority, connected, aged, kept, name
):
    aged("2 hours")
    with pytest.raises(Transient, match="ACME_ID"):
        refresh.fresh(provider(**{name: _no_setting}), "acme")
    row = kept()
    assert (row["last_error_code"], row["interrupted_at"]) == ("misconfigured", None)
    assert authority.counts["refresh_token"] == 0


@pytest.mark.parametrize(
    "url", ["", "ftp://id.example/token", "http://id.example/token", "https:///token", "https://[1"]
)
def test_no_secret_goes_where_others_listen_or_to_no_address(clean, url):
    at = Endpoints(authorize=url, token=url, revoke=url)
    elsewhere = provider(endpoints=lambda: at)
    with pytest.raises(Permanent):
        exchange.refresh(elsewhere, "rt-hush")
    with pytest.raises(Permanent):
        exchange.client(elsewhere)


@pytest.mark.parametrize("secret", ["p%3A:+/ =", "ключ"])
def test_a_secret_of_any_characters_is_told_as_the_standard_says(authority, secret):
    authority.client_secret = secret
    ours = provider(client=lambda: Client("client_loopback", secret))
    assert connect(ours).access_token
    assert revoke.revoke(ours, "acme")


def test_a_cookie_of_one_exchange_does_not_go_with_the_next(authority, monkeypatch):
    asked, headers = [], {"set-cookie": "sid=of-ada; Path=/"}

    def answer(request):
        asked.append(request.headers)
        return Fault(400, b'{"error":"invalid_grant"}', headers)

    monkeypatch.setattr(authority, "do", answer)
    for _ in range(2):
        with pytest.raises(Refused):
            exchange.refresh(provider(), "made-up")
    assert ["cookie" in told for told in asked] == [False, False]
