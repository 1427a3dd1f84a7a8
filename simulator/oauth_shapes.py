"""Answers with tokens, and errors, as services shape them."""

import json
from collections.abc import Callable
from typing import Protocol

from simulator.oauth_authority import Said
from simulator.oauth_dials import OAuthDials
from simulator.stand_in import Fault
from simulator.text import JSON

PAGE = (
    b"<!doctype html><html><body><h1>400 Bad Request</h1><p>Something went wrong.</p></body></html>"
)
_SLACK = {
    "invalid_grant": "invalid_refresh_token",
    "invalid_client": "bad_client_secret",
    "invalid_request": "invalid_arguments",
}


class Giver(Protocol):
    """Whose tokens they are, and what is told besides."""

    user: str
    gives: JSON


def refused(dials: OAuthDials, said: Said) -> Fault:
    """Return an error as the dial says."""
    if dials.errors == "html":
        return Fault(said.status, PAGE, {"content-type": "text/html"})
    if dials.errors == "ok_false":
        body = {"ok": False, "error": _SLACK.get(said.error, said.error)}
        return Fault(200, json.dumps(body).encode())
    return said.fault()


def given(dials: OAuthDials, token: JSON, giver: Giver) -> JSON:
    """Return tokens as the dial says."""
    return _SHAPES[dials.answers](token, giver) | giver.gives


def _plain(token: JSON, _giver: Giver) -> JSON:
    return token


def _slack(token: JSON, giver: Giver) -> JSON:
    """Return a bot's token (docs.slack.dev/reference/methods/oauth.v2.access)."""
    told = {
        "ok": True,
        "app_id": "A000000001",
        "bot_user_id": "U000000001",
        "team": {"id": giver.user, "name": "Loopback"},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": "U000000002"},
    }
    return told | token | {"token_type": "bot"}


def _stripe(token: JSON, giver: Giver) -> JSON:
    """Return an account's token (docs.stripe.com/connect/oauth-reference)."""
    told = {
        "livemode": False,
        "stripe_user_id": giver.user,
        "stripe_publishable_key": "pk_test_loopback",
    }
    return told | token | {"token_type": "bearer"}


_SHAPES: dict[str, Callable[[JSON, Giver], JSON]] = {
    "plain": _plain,
    "slack": _slack,
    "stripe": _stripe,
}
