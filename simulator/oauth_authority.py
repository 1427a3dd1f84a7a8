"""A loopback authorisation server's judge: Authlib's, with nothing of Flask."""

import json
import math
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge

from simulator.oauth_families import Client, Family, Pair
from simulator.oauth_grants import CodeGrant, Provider, RefreshGrant, Revocation
from simulator.stand_in import Fault, Request
from simulator.text import JSON


@dataclass
class Said:
    """An answer."""

    status: int
    body: JSON
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def error(self) -> str:
        """Return the code of the error that it is."""
        return str(self.body.get("error", ""))

    def fault(self) -> Fault:
        """Return it as the stand-in sends it."""
        return Fault(self.status, json.dumps(self.body).encode(), self.headers)


class _Asked(OAuth2Request):  # type: ignore[misc]  # an untyped library
    """A request as the library reads it."""

    def __init__(self, request: Request, told: JSON) -> None:
        # it wants https; nothing here is, and nothing leaves the machine
        super().__init__(request.method, f"https://loopback{request.path}")
        self.headers = {"Authorization": request.headers.get("authorization", "")}
        self.payload = BasicOAuth2Payload(told)
        self._told = told

    @property
    def form(self) -> JSON:
        return self._told

    @property
    def args(self) -> JSON:
        return self._told


class Authority(AuthorizationServer):  # type: ignore[misc]  # an untyped library
    """Decides."""

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self.provider = provider
        self.register_grant(CodeGrant, [CodeChallenge(required=True)])
        self.register_grant(RefreshGrant)
        self.register_endpoint(Revocation)
        made = BearerTokenGenerator(_secret("at"), _secret("rt"), self._lifetime)
        self.register_token_generator("default", made)

    def consent(self, request: Request, user: str | None) -> Said:
        """Answer a request for a code: granted by the user, or by None refused."""
        asked = self.create_oauth2_request(request)
        try:
            grant = self.get_consent_grant(request, user)
            self._fail(grant.redirect_uri)
        except OAuth2Error as error:
            error.state = asked.payload.state
            refused: Said = self.handle_error_response(asked, error)
            return refused
        said: Said = self.create_authorization_response(asked, user, grant)
        return said

    def _fail(self, redirect_uri: str) -> None:
        if error := self.provider.dials.fails:
            raise OAuth2Error(error=error, redirect_uri=redirect_uri)

    def query_client(self, client_id: str) -> Client | None:
        """Return the client of that id."""
        client = self.provider.client
        return client if client_id == client.client_id else None

    def save_token(self, token: JSON, request: Any) -> None:
        """Keep new tokens, in their family."""
        if self.provider.tokens.with_access(token["access_token"]):
            return  # given before: it is the grace
        if request.refresh_token is None:
            self.provider.tokens.families.append(Family(request.user, token.get("scope", "")))
        old = request.refresh_token
        family = old.family if old else self.provider.tokens.families[-1]
        if old and self.provider.dials.refresh_tokens == "stay":
            token["refresh_token"] = old.refresh
        if self.provider.dials.refresh_tokens == "none":
            token.pop("refresh_token", None)
        family.pairs.append(self._pair(family, token))
        self._tell_expiry(token)

    def _pair(self, family: Family, token: JSON) -> Pair:
        now, dials = self.provider.now(), self.provider.dials
        return Pair(
            family=family,
            access=token["access_token"],
            refresh=token.get("refresh_token"),
            access_until=now + (dials.access_seconds or math.inf),
            refresh_until=now + (dials.refresh_seconds or math.inf),
        )

    def _tell_expiry(self, token: JSON) -> None:
        if not self.provider.dials.tells_expiry:
            token.pop("expires_in", None)

    def told(self, pair: Pair) -> JSON:
        """Return a pair as it is answered."""
        left = pair.access_until - self.provider.now()
        token: JSON = {"token_type": "Bearer", "access_token": pair.access}
        token |= {"refresh_token": pair.refresh, "scope": pair.family.scope}
        return token | ({} if math.isinf(left) else {"expires_in": math.ceil(left)})

    def _lifetime(self, _client: Client, _grant_type: str) -> int | None:
        seconds = self.provider.dials.access_seconds
        return None if seconds is None else math.ceil(seconds)

    def send_signal(self, *_: Any, **__: Any) -> None:
        """Tell nobody."""

    def create_oauth2_request(self, request: Request) -> OAuth2Request:
        """Return a request as the library reads it."""
        asks = request.path.rstrip("/").endswith("authorize")
        return _Asked(request, request.query if asks else request.body)

    def handle_response(self, status: int, body: Any, headers: Iterable[tuple[str, str]]) -> Said:
        """Return an answer of the library's; where it sends a browser, it says who does."""
        found = dict(headers)
        if "Location" in found and self.provider.dials.issuer:
            told = [("iss", self.provider.issuer)]
            found["Location"] = add_params_to_uri(found["Location"], told)
        return Said(status, body or {}, found)


def _secret(kind: str) -> Any:
    return lambda **_: f"{kind}_{secrets.token_urlsafe(24)}"
