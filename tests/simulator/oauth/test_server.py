"""What the loopback authorisation server insists on."""

import pytest

from tests.simulator.oauth.conftest import BACK, VERIFIER


def test_a_code_brings_tokens_and_says_who_gave_it(clock, server, consent, exchange, works):
    told = consent()
    assert (told["state"], told["iss"]) == ("s-1", server.url)
    given = exchange().json()
    assert (given["token_type"], given["expires_in"], given["scope"]) == (
        "Bearer",
        3600,
        "read write",
    )
    assert works(given["access_token"])
    clock.at += 3600
    assert not works(given["access_token"])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"redirect_uri": BACK + "/more"}, 400),
        ({"redirect_uri": ""}, 400),
        ({"client_id": "another"}, 400),
        ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_what_is_not_as_registered_gets_no_code(consent, changed, said):
    found = consent(**changed)
    assert (found if isinstance(found, int) else found["error"]) == said


@pytest.mark.parametrize(
    "changed",
    [{"code_verifier": "w" * 43}, {"redirect_uri": BACK + "?"}, {"code": "made-up"}],
)
def test_a_code_is_for_who_asked_for_it_alone(exchange, changed):
    assert (exchange(**changed).status_code, exchange(**changed).json()["error"]) == (
        400,
        "invalid_grant",
    )


def test_a_code_that_comes_twice_or_late_brings_nothing(clock, consent, ask, works):
    form = {"grant_type": "authorization_code", "redirect_uri": BACK, "code_verifier": VERIFIER}
    code, late = consent()["code"], consent()["code"]
    given = ask(code=code, **form).json()
    assert ask(code=code, **form).json()["error"] == "invalid_grant"
    assert not works(given["access_token"])
    clock.at += 301
    assert ask(code=late, **form).json()["error"] == "invalid_grant"


def test_a_refresh_token_works_once_and_one_that_comes_again_ends_the_family(
    server, exchange, refresh, works
):
    first = exchange().json()
    second = refresh(first["refresh_token"]).json()
    assert works(second["access_token"])
    assert refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert server.families[0].why == "a refresh token came twice"
    assert not works(second["access_token"])
    assert refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
