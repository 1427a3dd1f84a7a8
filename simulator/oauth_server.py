"""A loopback authorisation server, on Authlib's server side: RFC 6749, 7636, 7009 and 9207.

Access tokens live as short as one likes. Refresh tokens work once, unless a dial says otherwise:
one that comes again revokes its family (RFC 9700, 4.14.2). What services do otherwise is a dial.
"""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from simulator import oauth_shapes
from simulator.oauth_authority import Authority, Said
from simulator.oauth_dials import OAuthDials
from simulator.oauth_families import Client, Family, Pair, Tokens
from simulator.stand_in import Fault, Request, StandIn, serving
from simulator.text import JSON

_AUTHORIZE = ("/oauth/authorize", "/oauth/authorize/", "/oauth/v2/authorize")
_TOKEN = ("/oauth/token", "/oauth/token/", "/v1/oauth/token", "/api/oauth.v2.access")
_REVOKE = ("/oauth/revoke", "/oauth/revoke/")


@dataclass
class OAuthServer(StandIn):
    """It, its one client, and what it gave. `counts` says how often what was done.

    `redirect_uris` are those that the client registered: none other is redirected to. `gives` is
    what answers with tokens have besides.
    """

    dials: OAuthDials = field(default_factory=OAuthDials)
    client_id: str = "client_loopback"
    client_secret: str = "loopback-secret"  # noqa: S105  made up
    redirect_uris: list[str] = field(default_factory=list)
    user: str = "acct_owner"
    gives: JSON = field(default_factory=dict)
    tokens: Tokens = field(default_factory=Tokens)
    counts: Counter[str] = field(default_factory=Counter)
    _authority: Authority = field(init=False)

    def __post_init__(self) -> None:
        self._authority = Authority(self)

    @property
    def issuer(self) -> str:
        """Return who it says it is."""
        return self.url

    @property
    def client(self) -> Client:
        """Return its client."""
        uris = tuple(self.redirect_uris)
        return Client(self.client_id, self.client_secret, uris, self.dials.client_auth)

    @property
    def families(self) -> list[Family]:
        """Return the consents, oldest first."""
        return self.tokens.families

    def answer(self, request: Request) -> Fault:
        """Do what is asked; tokens may be given late."""
        if self.dials.slow and request.path in _TOKEN:
            self.over.wait(self.dials.slow)
        return super().answer(request)

    def do(self, request: Request) -> Fault:
        """Answer as an authorisation server does."""
        found = _ROUTES.get(request.path)
        return found(self, request) if found else Fault(404, b'{"error":"not_found"}')

    def _authorize(self, request: Request) -> Fault:
        """Show the page of consent, or answer it."""
        said = request.body.get("consent") or self.dials.consent
        if said == "asks" and not self.dials.fails:
            return _page(request)
        return self._authority.consent(request, self.user if said == "allows" else None).fault()

    def _token(self, request: Request) -> Fault:
        self.counts[str(request.body.get("grant_type", ""))] += 1
        return self._shaped(self._authority.create_token_response(request))

    def _revoke(self, request: Request) -> Fault:
        self.counts["revoke"] += 1
        said: Said = self._authority.create_endpoint_response("revocation", request)
        return said.fault()

    def _shaped(self, said: Said) -> Fault:
        if said.status != 200:
            self.counts[f"refused {said.error}"] += 1
            return oauth_shapes.refused(self.dials, said)
        return Fault(200, json.dumps(oauth_shapes.given(self.dials, said.body, self)).encode())

    def _revoke_at_slack(self, request: Request) -> Fault:
        """Revoke the token that it is asked with (docs.slack.dev/reference/methods/auth.revoke)."""
        self.counts["revoke"] += 1
        if (pair := self._bearer(request)) is None:
            return Fault(200, b'{"ok":false,"error":"invalid_auth"}')
        pair.family.revoke("by the client")
        return Fault(200, b'{"ok":true,"revoked":true}')

    def _deauthorize(self, request: Request) -> Fault:
        """Revoke all of an account (docs.stripe.com/connect/oauth-reference)."""
        self.counts["revoke"] += 1
        if not self._is_the_client(request):
            return Fault(401, b'{"error":"invalid_client"}')
        for family in self.families:
            family.revoke("by the client")
        return Fault(200, json.dumps({"stripe_user_id": self.user}).encode())

    def _is_the_client(self, request: Request) -> bool:
        secret = request.headers.get("authorization", "").removeprefix("Bearer ")
        told = request.body.get("client_secret", "") or secret
        return (request.body.get("client_id"), told) == (self.client_id, self.client_secret)

    def _bearer(self, request: Request) -> Pair | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        token = token or str(request.body.get("token", ""))
        return self.tokens.with_access(token) if self.tokens.works(token, self.now()) else None

    def _me(self, request: Request) -> Fault:
        """Say whose token it is: the API that the tokens are for."""
        pair = self._bearer(request)
        self.counts["me 401" if pair is None else "me"] += 1
        if pair is None:
            return Fault(401, b'{"error":"invalid_token"}')
        return Fault(200, json.dumps({"user": pair.family.user}).encode())


_ROUTES: dict[str, Callable[[Any, Request], Fault]] = {
    **dict.fromkeys(_AUTHORIZE, OAuthServer._authorize),  # noqa: SLF001  its own
    **dict.fromkeys(_TOKEN, OAuthServer._token),  # noqa: SLF001  its own
    **dict.fromkeys(_REVOKE, OAuthServer._revoke),  # noqa: SLF001  its own
    "/oauth/deauthorize": OAuthServer._deauthorize,  # noqa: SLF001  its own
    "/api/auth.revoke": OAuthServer._revoke_at_slack,  # noqa: SLF001  its own
    "/me": OAuthServer._me,  # noqa: SLF001  its own
}


def _page(request: Request) -> Fault:
    """Return the page that asks for consent; its buttons post to the same address."""
    action = f"{request.path}?{urlencode(request.query)}".replace("&", "&amp;").replace('"', "%22")
    buttons = "".join(
        f'<button name="consent" value="{value}">{word}</button>'
        for value, word in (("allows", "Allow"), ("denies", "Deny"))
    )
    html = f'<!doctype html><title>Consent</title><form method="post" action="{action}">'
    return Fault(200, f"{html}{buttons}</form>".encode(), {"content-type": "text/html"})


def oauth_server(
    dials: OAuthDials | None = None, port: int = 0, **how: Any
) -> AbstractContextManager[OAuthServer]:
    """Run it meanwhile on loopback, on a free port by default."""
    return serving(OAuthServer(dials=dials or OAuthDials(), **how), port)
