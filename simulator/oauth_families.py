"""The tokens that an authorisation server has given, by the consent that they come of."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Client:
    """Who may ask. The library asks it what it may do."""

    client_id: str
    secret: str
    redirect_uris: tuple[str, ...]
    auth_method: str

    def get_client_id(self) -> str:
        """Return its id."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """Return that it has none: each request is to name one."""

    def get_allowed_scope(self, scope: str | None) -> str:
        """Return that it may have whatever its owner consents to."""
        return scope or ""

    def check_redirect_uri(self, uri: str) -> bool:
        """Return whether the very same was registered."""
        return uri in self.redirect_uris

    def check_client_secret(self, secret: str) -> bool:
        """Return whether it is the secret."""
        return secret == self.secret

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """Return whether it is to prove itself so."""
        return method == self.auth_method

    def check_response_type(self, response_type: str) -> bool:
        """Return whether it may ask for that."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Return whether it may use that."""
        return grant_type in {"authorization_code", "refresh_token"}


@dataclass(frozen=True, slots=True)
class Code:
    """A code, and what it was given for."""

    code: str
    user: str
    scope: str
    redirect_uri: str
    until: float
    code_challenge: str | None
    code_challenge_method: str | None

    def get_redirect_uri(self) -> str:
        """Return where it was sent."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Return what was consented to."""
        return self.scope


@dataclass(slots=True)
class Pair:
    """An access token, and the refresh token that was given with it. Times are Unix seconds."""

    family: "Family"
    access: str
    refresh: str | None
    access_until: float
    refresh_until: float
    used_at: float | None = None
    successor: "Pair | None" = None

    def check_client(self, _client: Client) -> bool:
        """Return whether it is the client's: there is but one."""
        return True

    def get_scope(self) -> str:
        """Return what was consented to."""
        return self.family.scope


@dataclass(slots=True)
class Family:
    """All the tokens that come of one consent."""

    user: str
    scope: str
    pairs: list[Pair] = field(default_factory=list)
    revoked: bool = False
    why: str = ""

    def revoke(self, why: str) -> None:
        """Let none of its tokens work any more."""
        self.revoked, self.why = True, self.why or why


@dataclass
class Tokens:
    """All that were given."""

    families: list[Family] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    spent: dict[str, Family] = field(default_factory=dict)

    def _pairs(self) -> Iterator[Pair]:
        return (pair for family in self.families for pair in family.pairs)

    def with_access(self, token: str) -> Pair | None:
        """Return the pair with that access token."""
        return next((pair for pair in self._pairs() if pair.access == token), None)

    def with_refresh(self, token: str) -> Pair | None:
        """Return the newest pair with that refresh token: one that stays is in several."""
        found = [pair for pair in self._pairs() if pair.refresh and pair.refresh == token]
        return found[-1] if found else None

    def works(self, access: str, now: float) -> bool:
        """Return whether an API lets one in with it."""
        pair = self.with_access(access)
        return pair is not None and not pair.family.revoked and now < pair.access_until
