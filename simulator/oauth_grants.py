"""What Authlib decides when codes and tokens are asked for, and what it has kept and looked up."""

from typing import Any, Protocol

from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7009 import RevocationEndpoint

from simulator.oauth_dials import OAuthDials
from simulator.oauth_families import Client, Code, Pair, Tokens
from simulator.text import JSON

CODE_SECONDS = 300
_METHODS = ["client_secret_basic", "client_secret_post", "none"]


class Provider(Protocol):
    """What an authorisation server knows."""

    dials: OAuthDials
    tokens: Tokens

    @property
    def issuer(self) -> str:
        """Return who it is."""

    @property
    def client(self) -> Client:
        """Return its client."""

    @property
    def now(self) -> Any:
        """Return its clock."""


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]  # an untyped library
    """Codes, for who asks as registered."""

    TOKEN_ENDPOINT_AUTH_METHODS = _METHODS

    def validate_requested_scope(self) -> None:
        """Refuse what has no challenge, where one is needed: the library asks the public only."""
        if self.server.provider.dials.pkce and not self.request.payload.data.get("code_challenge"):
            raise InvalidRequestError("Missing 'code_challenge'")

    def save_authorization_code(self, code: str, request: Any) -> None:
        """Keep a code."""
        provider, told = self.server.provider, request.payload.data
        provider.tokens.codes[code] = Code(
            code=code,
            user=request.user,
            scope=request.scope or "",
            redirect_uri=request.payload.redirect_uri,
            until=provider.now() + CODE_SECONDS,
            code_challenge=told.get("code_challenge"),
            code_challenge_method=told.get("code_challenge_method"),
        )

    def query_authorization_code(self, code: str, _client: Client) -> Code | None:
        """Return the code. One that comes again revokes what it brought (RFC 6749, 4.1.2)."""
        provider = self.server.provider
        if family := provider.tokens.spent.get(code):
            family.revoke("a code came twice")
            return None
        found: Code | None = provider.tokens.codes.get(code)
        return found if found and provider.now() < found.until else None

    def delete_authorization_code(self, code: Code) -> None:
        """Remember what a code brought."""
        tokens = self.server.provider.tokens
        tokens.spent[code.code] = tokens.families[-1]
        del tokens.codes[code.code]

    def authenticate_user(self, code: Code) -> str:
        """Return whose it is."""
        return code.user


class RefreshGrant(RefreshTokenGrant):  # type: ignore[misc]  # an untyped library
    """New tokens for a refresh token."""

    TOKEN_ENDPOINT_AUTH_METHODS = _METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, token: str) -> Pair | None:
        """Return the pair that it is of, if it still works."""
        provider = self.server.provider
        now, dials = provider.now(), provider.dials
        pair: Pair | None = provider.tokens.with_refresh(token)
        if pair is None or pair.family.revoked or now >= pair.refresh_until:
            return None
        if pair.used_at is None or now < pair.used_at + dials.grace_seconds:
            return pair
        if dials.reuse_revokes:
            pair.family.revoke("a refresh token came twice")
        return None

    def validate_token_request(self) -> None:
        """Refuse scopes, where a refresh may not name any."""
        if self.request.payload.scope and not self.server.provider.dials.takes_scope:
            raise InvalidScopeError
        super().validate_token_request()

    def issue_token(self, user: str, pair: Pair) -> JSON:
        """Return new tokens; within the grace, those that were given before."""
        if pair.successor is None:
            found: JSON = super().issue_token(user, pair)
            return found
        return self.server.told(pair.successor)  # type: ignore[no-any-return]

    def authenticate_user(self, pair: Pair) -> str:
        """Return whose it is."""
        return pair.family.user

    def revoke_old_credential(self, pair: Pair) -> None:
        """Have what was used be used up, and remember what it brought."""
        provider = self.server.provider
        if provider.dials.refresh_tokens == "work_once" and pair.used_at is None:
            pair.used_at, pair.successor = provider.now(), pair.family.pairs[-1]


class Revocation(RevocationEndpoint):  # type: ignore[misc]  # an untyped library
    """The end of tokens, as RFC 7009 has it."""

    CLIENT_AUTH_METHODS = _METHODS

    def query_token(self, token: str, _hint: str | None) -> Pair | None:
        """Return the pair that a token is of."""
        tokens: Tokens = self.server.provider.tokens
        return tokens.with_refresh(token) or tokens.with_access(token)

    def revoke_token(self, pair: Pair, _request: Any) -> None:
        """End all that came of the same consent."""
        pair.family.revoke("by the client")
