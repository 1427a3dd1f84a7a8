"""The public face: the `tallyman` command, and what a team's own code imports."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from integrations.effects import Effect
    from integrations.errors import Deferred, Permanent, Transient
    from integrations.interface import Event
    from integrations.oauth.answers import Grant, grant
    from integrations.oauth.interface import AccessToken, Client, Endpoints, NotConnected, Provider
    from integrations.oauth.tokens import TokenRefused, token, with_token

__all__ = [
    "AccessToken",
    "Client",
    "Deferred",
    "Effect",
    "Endpoints",
    "Event",
    "Grant",
    "NotConnected",
    "Permanent",
    "Provider",
    "TokenRefused",
    "Transient",
    "grant",
    "token",
    "with_token",
]

_PLACES = {
    "AccessToken": "integrations.oauth.interface",
    "Client": "integrations.oauth.interface",
    "Deferred": "integrations.errors",
    "Effect": "integrations.effects",
    "Endpoints": "integrations.oauth.interface",
    "Event": "integrations.interface",
    "Grant": "integrations.oauth.answers",
    "NotConnected": "integrations.oauth.interface",
    "Permanent": "integrations.errors",
    "Provider": "integrations.oauth.interface",
    "TokenRefused": "integrations.oauth.tokens",
    "Transient": "integrations.errors",
    "grant": "integrations.oauth.answers",
    "token": "integrations.oauth.tokens",
    "with_token": "integrations.oauth.tokens",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for: `tallyman --help` needs none of it, and SQLAlchemy takes long."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
