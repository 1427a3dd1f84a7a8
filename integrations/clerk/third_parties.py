"""Tokens of Clerk's users at third parties, such as Google: Clerk keeps them, we ask for one.

Nothing of them is stored, nor kept in memory: what its owner takes back is gone with the next call.
Clerk refreshes one that is over, where it can: clerk_backend_api/users.py, get_o_auth_access_token.
"""

from datetime import UTC, datetime
from typing import Any

from clerk_backend_api import Clerk

from integrations.clerk.answers import ask
from integrations.errors import Permanent, Transient
from integrations.oauth.interface import AccessToken, NotConnected

_MILLISECONDS = 10**11  # no time in seconds is as late


def token(user_id: str, provider: str) -> AccessToken:
    """Return a user's token at a third party, of the account that was connected first.

    `provider` is Clerk's name of it: `oauth_google`. Raises NotConnected (a Permanent), Transient,
    Permanent, Deferred.
    """

    def call(clerk: Clerk) -> object:
        return clerk.users.get_o_auth_access_token(user_id=user_id, provider=provider)

    found = ask(call)
    if found.status == 404:
        raise NotConnected(f"clerk knows no such user, or no {provider} account of theirs")
    if found.status >= 400:
        raise Permanent(f"clerk answered {found.status}")
    if not found.objects:
        raise NotConnected(f"clerk: the user has no {provider} account connected")
    return _read(found.objects[0])


def _read(told: dict[str, Any]) -> AccessToken:
    value, id = told.get("token"), told.get("provider_user_id")
    if not isinstance(value, str) or not value:
        raise Transient("clerk answered without a token", unknown=True)
    return AccessToken(
        value=value,
        version=0,
        expires_at=_time(told.get("expires_at")),
        external_id=id if isinstance(id, str) else "",
    )


def _time(told: Any) -> datetime | None:
    """Return a time that is told in seconds, or in milliseconds as Clerk's others are."""
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    seconds = told / 1000 if told > _MILLISECONDS else told
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
