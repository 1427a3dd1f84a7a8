"""The types that OAuth is made of. A provider is a value: `PROVIDER = Provider(...)`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Literal
from urllib.parse import urlsplit

from integrations.errors import Deferred, Permanent
from integrations.interface import Event
from integrations.oauth.answers import Grant, grant
from integrations.schema import JSON
from telemetry import describe, log

_log = log(__name__)
Auth = Literal["client_secret_basic", "client_secret_post", "none"]
"""How we say who we are where tokens are given: RFC 6749, 2.3.1."""

_HERE = ("127.0.0.1", "::1", "localhost")
WAIT_FOR_KEYS = 60.0  # seconds until what is sealed is tried again


class Refused(Permanent):
    """The provider refuses what we hold for this connection: it has to be made anew.

    `code` is the provider's: `invalid_grant`, `token_revoked` ...
    """

    def __init__(self, service: str, code: str) -> None:
        super().__init__(f"{service} refused: {code}")
        self.code = code


class Misconfigured(Permanent):
    """The provider refuses us ourselves, or our request: a setting is wrong. `code` is its."""

    def __init__(self, service: str, code: str) -> None:
        super().__init__(f"{service} refused our client or our request: {code}")
        self.code = code


class NotConnected(Permanent):
    """There is no living connection: somebody has to connect the account (again)."""


class Locked(Deferred):
    """What is sealed cannot be opened, or nothing sealed: ENCRYPTION_KEYS is missing or wrong."""

    def __init__(self, message: str) -> None:
        super().__init__(f"{message}: see ENCRYPTION_KEYS", wait=WAIT_FOR_KEYS)


@dataclass(frozen=True, slots=True)
class Client:
    """What a provider knows us by. A public client has no secret."""

    id: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where a provider is asked. `issuer` is what it calls itself in answers: RFC 9207.

    `revoke` is '' where there is nothing like RFC 7009. Without an issuer what keeps one provider's
    code from another is that each has a redirect URI of its own.
    """

    authorize: str
    token: str
    revoke: str = ""
    issuer: str = ""


def safe(url: str) -> bool:
    """Return whether nobody listens on the way to an address: it is encrypted, or here."""
    try:
        parts = urlsplit(url)
        scheme, host, _ = parts.scheme, parts.hostname, parts.port
    except ValueError:
        return False
    return bool(host) and (scheme == "https" or (scheme == "http" and host in _HERE))


@dataclass(frozen=True, slots=True)
class Held:
    """What a provider is asked with to revoke what we hold. Never printed."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider, and its quirks.

    `client` and `endpoints` read the settings when they are called. `scopes` are asked for when an
    account is connected, `extra` is asked for besides.
    """

    name: str
    client: Callable[[], Client]
    endpoints: Callable[[], Endpoints]
    scopes: Callable[[], Sequence[str]] = tuple
    separator: str = " "
    auth: Auth = "client_secret_basic"
    pkce: bool = True
    extra: Mapping[str, str] = field(default_factory=dict)
    read: Callable[[JSON], Grant] = grant
    """Returns what a token answer gives. Raises Unreadable, naming the field that does not fit."""
    lifetime: timedelta | None = timedelta(hours=1)
    """What an access token lives whose answer does not say: None is for ever."""
    refresh_lifetime: timedelta | None = None
    """What a refresh token lives that nobody uses: None is for ever."""
    grace: timedelta = timedelta(0)
    """For so long a used refresh token is answered once more, where it works only once."""
    over: Collection[str] = ("invalid_grant",)
    """The error codes that say: this refresh token is worth nothing any more."""
    revoked: Collection[str] = ()
    """Those among them that say: somebody took it back."""
    revoke: Callable[["Provider", Held], None] | None = None
    """Has the provider forget what it gave us; None: as RFC 7009 has it, at `endpoints().revoke`.

    Raises Transient, Permanent or Deferred; what it does not know any more is revoked."""
    ends: Mapping[str, Callable[[Event], str | None]] = field(default_factory=dict)
    """By type of webhook event: whose connection it ends, as `external_id`; None: nobody's."""

    def on(self) -> bool:
        """Return whether the provider knows us by something; one that cannot be asked is off."""
        if (broken := self.fault()) is not None:
            _tell(self.name, describe(broken))
            return False
        return bool(self.client().id)

    def fault(self) -> Exception | None:
        """Return what its functions raise: they may be the team's own."""
        try:
            for ask in (self.client, self.endpoints, self.scopes):
                ask()
        except Exception as error:  # noqa: BLE001  whatever it is
            return error
        return None

    @property
    def gate(self) -> str:
        """Return the name that its endpoints have at the gate: not that of its API."""
        return f"{self.name}.oauth"


@cache
def _tell(service: str, error: str) -> None:
    """Log once why a provider is off."""
    _log.error("oauth.provider_broken", service=service, error=error)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token to call the service with, and its kind. `version` says which one was refused.

    `expires_at` is None where it never does. `external_id` is what the service calls the account.
    """

    value: str = field(repr=False)
    version: int
    type: str = "Bearer"
    expires_at: datetime | None = None
    external_id: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """Return the header that a request carries it in: RFC 6750, 2.1."""
        return {"Authorization": f"Bearer {self.value}"}


def split(scopes: str) -> tuple[str, ...]:
    """Return the scopes that a setting names, separated by commas."""
    return tuple(filter(None, (scope.strip() for scope in scopes.split(","))))
