"""The way to a service and back: what a browser is sent with, and what it may come back with.

RFC 9700 throughout: codes only, PKCE S256, a state that is good once and in one browser, the same
redirect URI to the letter, and the issuer checked (RFC 9207). Who keeps a flow meanwhile is the
caller's matter.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from integrations.oauth.interface import Provider
from integrations.oauth.links import Link

_PARAMETERS = ("state", "code", "error", "iss")
_DENIALS = {"access_denied"}
_CODE = re.compile(r"[\x21-\x7e]{1,4096}")  # RFC 6749, A.11: VSCHAR

FlowReason = Literal[
    "denied",
    "malformed",
    "state_expired",
    "other_browser",
    "wrong_service",
    "issuer_missing",
    "issuer_mismatch",
    "code_missing",
    "provider_error",
]


class FlowRefused(Exception):
    """Nothing comes of it. `reason` is the code that the browser is told."""

    def __init__(self, reason: FlowReason) -> None:
        super().__init__(reason)
        self.reason: FlowReason = reason


@dataclass(frozen=True, slots=True)
class Pending:
    """A flow that waits for its browser. `browser` is the hash of what only that one knows.

    `until` is in Unix seconds; `verifier` is empty where the service knows no PKCE.
    """

    service: str
    account: str
    by: str
    browser: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str
    until: float


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser is sent, what it is to know, and what is kept of it meanwhile."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    browser: str = field(repr=False)
    pending: Pending


def begin(provider: Provider, link: Link, redirect_uri: str, until: float) -> Begun:
    """Return the way to the service for who came with a link."""
    state, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    verifier = secrets.token_urlsafe(48) if provider.pkce else ""
    pending = Pending(
        service=provider.name,
        account=link.account,
        by=link.by,
        browser=hashed(browser),
        verifier=verifier,
        redirect_uri=redirect_uri,
        until=until,
    )
    asked = {
        **provider.extra,
        "response_type": "code",
        "client_id": provider.client().id,
        "redirect_uri": redirect_uri,
        "scope": provider.separator.join(provider.scopes()),
        "state": state,
    }
    if verifier:
        challenge = create_s256_code_challenge(verifier)
        asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    return Begun(_with(provider.endpoints().authorize, asked), state, browser, pending)


def redirect_uri(base: str, service: str) -> str:
    """Return where a service is to send browsers: it is registered there, to the letter."""
    return f"{base.rstrip('/')}/oauth/{service}/callback"


def _with(url: str, asked: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = [*parse_qsl(parts.query), *((name, value) for name, value in asked.items() if value)]
    return urlunsplit(parts._replace(query=urlencode(query)))


def hashed(secret: str) -> str:
    """Return the hash by which a secret is known without being kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def state_of(query: Mapping[str, Sequence[str]]) -> str:
    """Return the state that came back, '' without one. Raises FlowRefused.

    No parameter may come twice (RFC 6749, 3.1): two readers might read two of them.
    """
    if any(len(query.get(name, ())) > 1 for name in _PARAMETERS):
        raise FlowRefused("malformed")
    return _one(query, "state")


def code_of(
    provider: Provider,
    pending: Pending,
    query: Mapping[str, Sequence[str]],
    browser: str,
    now: float,
) -> str:
    """Return the code that came back, if all is as it was begun. Raises FlowRefused.

    An error is looked at last: who may not bring a code may not bring an error either.
    """
    if not hmac.compare_digest(pending.browser, hashed(browser)):
        raise FlowRefused("other_browser")
    if pending.until < now:
        raise FlowRefused("state_expired")
    if pending.service != provider.name:
        raise FlowRefused("wrong_service")
    _check_issuer(provider, query)
    if error := _one(query, "error"):
        raise FlowRefused("denied" if error in _DENIALS else "provider_error")
    if not _CODE.fullmatch(code := _one(query, "code")):
        raise FlowRefused("code_missing")
    return code


def _check_issuer(provider: Provider, query: Mapping[str, Sequence[str]]) -> None:
    """Raise FlowRefused if it is another that answers, or nobody says who (RFC 9207, 2.4).

    Of a service whose issuer is not known its own redirect URI says who it is (RFC 9700, 4.4.2).
    """
    issuer = provider.endpoints().issuer
    if issuer and not _one(query, "iss"):
        raise FlowRefused("issuer_missing")
    if issuer and _one(query, "iss") != issuer:
        raise FlowRefused("issuer_mismatch")


def _one(query: Mapping[str, Sequence[str]], name: str) -> str:
    values = query.get(name, ())
    return values[0] if values else ""
