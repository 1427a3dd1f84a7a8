"""An authorisation server on loopback, and a client that asks it."""

import base64
import hashlib
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from simulator.oauth_server import oauth_server

BACK = "http://127.0.0.1:1/oauth/loopback/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:43]


@pytest.fixture
def server():
    with oauth_server(redirect_uris=[BACK]) as running:
        yield running


@pytest.fixture(autouse=True)
def clock(server):
    clock = SimpleNamespace(at=1_780_000_000.0)
    server.now = lambda: clock.at
    return clock


@pytest.fixture
def consent(server):
    """Ask for a code, and give the redirect's parameters, or the status of a page."""

    def consent(**changed):
        asked = {
            "response_type": "code",
            "client_id": server.client_id,
            "redirect_uri": BACK,
            "state": "s-1",
            "scope": "read write",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        query = {name: value for name, value in (asked | changed).items() if value}
        url = f"{server.url}/oauth/authorize"
        answer = requests.get(url, params=query, allow_redirects=False, timeout=10)
        if answer.status_code != 302:
            return answer.status_code
        assert answer.headers["location"].startswith(BACK + "?")
        return {n: v[0] for n, v in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    return consent


@pytest.fixture
def ask(server):
    """Post to it as its client, in the way that the dial says."""

    def ask(path="/oauth/token", **form):
        way, auth = server.dials.client_auth, None
        if way == "client_secret_basic":
            auth = (server.client_id, server.client_secret)
        else:
            form["client_id"] = server.client_id
        if way == "client_secret_post":
            form["client_secret"] = server.client_secret
        return requests.post(server.url + path, data=form, auth=auth, timeout=10)

    return ask


@pytest.fixture
def exchange(consent, ask):
    def exchange(**changed):
        form = {"redirect_uri": BACK, "code_verifier": VERIFIER}
        code = {"code": consent()["code"]}
        return ask(**({"grant_type": "authorization_code"} | form | code | changed))

    return exchange


@pytest.fixture
def refresh(ask):
    return lambda token, **more: ask(grant_type="refresh_token", refresh_token=token, **more)


@pytest.fixture
def works(server):
    def works(access):
        headers = {"Authorization": f"Bearer {access}"}
        return requests.get(f"{server.url}/me", headers=headers, timeout=10).status_code == 200

    return works
