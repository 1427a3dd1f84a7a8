"""When a connection is tried again, and when not, since something that works may be lost by it."""

import random
from typing import Any

from sqlalchemy import Row

from integrations.errors import Deferred, Permanent, Transient
from integrations.oauth.interface import Provider
from settings import settings

Failure = Transient | Permanent | Deferred
DAY = 86_400.0  # seconds
ENOUGH = 8  # failures at the least, to give a connection up for them
_LONGEST = 3600.0  # seconds


class AtStake(Deferred):
    """The refresh token may have been used: sent again it may end the access token that works."""


def at_stake(provider: Provider, kept: Row[Any]) -> AtStake | None:
    """Return why not to ask now: it could lose what works (RFC 9700, 4.14.2). None: it cannot."""
    works = kept.left is None or kept.left > 0
    if kept.doubted_for is None or not works or kept.doubted_for < provider.grace.total_seconds():
        return None
    wait = DAY if kept.left is None else kept.left
    return AtStake(f"{kept.service}: its refresh token may have been used", wait=wait)


def pause(provider: Provider, kept: Row[Any], found: Transient | Permanent) -> float:
    """Return in how many seconds to try again: longer each time, and not all at the same time.

    If the refresh token may have been used, soon while it is still answered, and after that when
    there is nothing left to lose.
    """
    cooldown, grace = settings().oauth.oauth_cooldown_seconds, provider.grace.total_seconds()
    failures: int = min(kept.failures, 20)
    longer = min(cooldown * 2.0**failures, _LONGEST) * random.uniform(0.75, 1)
    if kept.interrupted_at is None and not unknown(found):
        asked = found.retry_after if isinstance(found, Transient) else None
        return max(longer, asked or 0.0)
    soon = min(cooldown, grace / 4)
    doubted_for: float | None = kept.marked_for if kept.doubted_for is None else kept.doubted_for
    if (doubted_for or 0.0) + soon < grace:
        return soon
    left: float | None = kept.left
    return max(longer, left or 0.0)


def given_up(kept: Row[Any], found: Transient | Permanent) -> bool:
    """Return whether this failure is one too many: after days of them, and not only a few.

    What we have set up wrongly can be set right: it gives nothing up.
    """
    days: float = settings().oauth.oauth_exhausted_days * DAY
    enough: bool = kept.failures + 1 >= ENOUGH and (kept.failing_for or 0.0) >= days
    return enough and not isinstance(found, Permanent)


def unknown(found: Failure) -> bool:
    """Return whether the refresh token may have been used, without our having the answer."""
    return isinstance(found, Transient) and found.unknown
