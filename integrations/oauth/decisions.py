"""What somebody who wants a token does next: decided by the row alone, as it was read."""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Row

from integrations.errors import Deferred, Transient
from integrations.oauth import attempts
from integrations.oauth.connections import margin
from integrations.oauth.interface import NotConnected
from integrations.oauth.retries import Failure
from settings import settings

Step = Literal["give", "renew", "wait"]
GIVE: Step = "give"  # the row's token
RENEW: Step = "renew"
WAIT: Step = "wait"  # for whoever is at it

BRIEF = 2.0  # seconds that who has a token which works still waits for a better one
_SPARE = 3.0  # seconds to look once more after the longest attempt


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants, and how it stands.

    `but_not` is the version of a token that was refused, `first` the version that was there when
    he came, `waited` for how many seconds he is here. `busy`: somebody may be at work on the row.
    """

    first: int
    but_not: int | None = None
    waited: float = 0.0
    busy: bool = False


def decide(kept: Row[Any], wish: Wish) -> Step | Failure:
    """Return what comes next, or why there is no token: who has one that works need not know."""
    if good(kept, wish.but_not):
        return GIVE
    why = _in_vain(kept, wish) or (None if wish.busy else resting(kept, wish.but_not))
    if why is not None:
        return GIVE if lives(kept, wish.but_not) else why
    return WAIT if wish.busy else RENEW


def good(kept: Row[Any], but_not: int | None) -> bool:
    """Return whether the row's token will do for a while."""
    return lives(kept, but_not) and (kept.left is None or kept.left > margin(kept.life))


def lives(kept: Row[Any], but_not: int | None) -> bool:
    """Return whether the row has a token that works, as far as we know."""
    if kept.access_token is None or kept.token_version == but_not:
        return False
    refused = kept.refresh_token is None and kept.status == "exhausted"
    return not refused and (kept.left is None or kept.left > 0)


def resting(kept: Row[Any], but_not: int | None = None) -> Failure | None:
    """Return why the row is not to be tried now; None: it may be."""
    ended = NotConnected(f"{kept.service}: exhausted ({kept.last_error_code or 'expired'})")
    if kept.status == "exhausted" and (kept.wait is None or kept.wait > 0):
        return ended
    if (wait := _wait(kept, but_not)) > 0:
        return Deferred(f"{kept.service}: renewed, or refused, a moment ago", wait=wait)
    return ended if kept.refresh_token is None else None


def _wait(kept: Row[Any], but_not: int | None) -> float:
    """Return for how many seconds not to try.

    A token that the service refuses is renewed though the row rests. But one that is new is not,
    and none again and again; nor is it at the first refusal, where that was taken down.
    """
    if kept.token_version != but_not:
        return kept.wait or 0.0
    lately = (kept.age, kept.failed_for, kept.refused_for)
    since: float = min(ago for ago in lately if ago is not None)
    return settings().oauth.oauth_cooldown_seconds - since


def _in_vain(kept: Row[Any], wish: Wish) -> Failure | None:
    """Return why to go on no longer, whatever may be done to the row; None: there is hope."""
    if kept.token_version != wish.first:
        return Transient(f"{kept.service}: its tokens end as soon as they come")
    for_long = max(wish.waited, kept.marked_for or 0.0 if wish.busy else 0.0)
    if for_long > (BRIEF if lives(kept, wish.but_not) else _patience()):
        return Transient(f"{kept.service}: somebody else is still at it")
    return None


def _patience() -> float:
    """Return how many seconds somebody without a token waits for one that another fetches."""
    return attempts.longest() + _SPARE
