"""A provider on loopback, with an account connected at it: for tests of several processes, too."""

import os
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from integrations.oauth.answers import grant
from integrations.oauth.interface import Client, Endpoints, Provider

AT, GRACE, BACK = "TEST_AUTHORITY", "TEST_AUTHORITY_GRACE", "http://127.0.0.1:1/back"
_VERIFIER = "v" * 43


def _endpoints():
    at = os.environ.get(AT, "")
    return Endpoints(
        authorize=f"{at}/oauth/authorize", token=f"{at}/oauth/token", revoke=f"{at}/oauth/revoke"
    )


def provider(**changed):
    """Give the provider, changed so."""
    given: dict[str, Any] = {
        "name": "loopback",
        "client": lambda: Client("client_loopback", "loopback-secret"),
        "endpoints": _endpoints,
        "scopes": lambda: ("read",),
        "read": lambda answer: grant(answer, external_id="account"),
        "grace": timedelta(seconds=float(os.environ.get(GRACE, "0"))),
        "revoked": ("token_revoked",),
    }
    return Provider(**(given | changed))


PROVIDERS = [provider()]


def code_of(provider):
    """Give a code that the owner's browser would bring."""
    asked = {
        "response_type": "code",
        "client_id": provider.client().id,
        "redirect_uri": BACK,
        "state": "s",
        "scope": provider.separator.join(provider.scopes()),
    }
    if provider.pkce:
        asked |= {
            "code_challenge": create_s256_code_challenge(_VERIFIER),
            "code_challenge_method": "S256",
        }
    url = f"{provider.endpoints().authorize}?{urlencode(asked)}"
    back = requests.get(url, allow_redirects=False, timeout=10).headers["location"]
    return parse_qs(urlsplit(back).query)["code"][0]


def connect(provider, account="acme", by="ada"):
    """Connect an account, as the callback does; give what the provider gave."""
    from db.session import transaction
    from integrations.oauth import connections, exchange

    verifier = _VERIFIER if provider.pkce else None
    given = exchange.code(provider, code_of(provider), redirect_uri=BACK, verifier=verifier)
    with transaction() as session:
        connections.store(session, provider, account, given, by=by)
    return given
