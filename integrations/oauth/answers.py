"""What a provider gives: its token answer, read as RFC 6749, 5.1 has it.

Its access token is all that must be there. Whatever else does not fit counts as not told, and is
named: who refused the whole answer would lose the tokens in it, and a refresh token that it used.
"""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from integrations.errors import Unreadable
from integrations.schema import JSON, clean

LONGEST = 100 * 365 * 86_400.0  # seconds that are believed of a token
# Keycloak calls it by the second: org.keycloak.representations.AccessTokenResponse
_REFRESH_EXPIRES = ("refresh_token_expires_in", "refresh_expires_in")
_SECRET = {"token", "secret"}  # what the name of a secret ends with: such are not kept in the open
_CODES = {"code", "authorization_code", "device_code"}
_WORDS = re.compile("[A-Z]?[a-z]+|[A-Z]+")

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a provider gave. Its tokens are never printed.

    A time of None was not told, and neither were `scopes` of None. `extra` is kept as it is: what
    is secret has no place there. `odd` names the fields that did not fit. A team's own reading
    may make one: raises Unreadable for what could not be kept.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    token_type: str = "Bearer"  # noqa: S105  a word of RFC 6750
    expires_in: float | None = None
    refresh_expires_in: float | None = None
    scopes: tuple[str, ...] | None = None
    external_id: str = ""
    extra: JSON = field(default_factory=dict)
    odd: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Read lengths of time as those of any answer."""
        texts = (self.access_token, self.refresh_token or "", self.token_type, self.external_id)
        listed = self.scopes is None or isinstance(self.scopes, (tuple, list))
        if not (self.access_token and listed and isinstance(self.extra, dict)):
            raise Unreadable("the grant lacks a token, or has scopes or an extra of another type")
        if not all(isinstance(one, str) for one in (*texts, *(self.scopes or ()))):
            raise Unreadable("the grant has something else where a text belongs")
        for name in ("expires_in", "refresh_expires_in"):
            object.__setattr__(self, name, seconds(getattr(self, name)))


def grant(
    answer: JSON, *, external_id: str = "", keep: Iterable[str] = (), separator: str = " "
) -> Grant:
    """Return what an answer gives.

    `external_id` and `keep` name fields of the provider's own. Raises Unreadable if there is no
    access token.
    """
    odd: list[str] = []

    def told(name: str, read: Callable[[Any], Told | None]) -> Told | None:
        try:
            return read(answer.get(name))
        except Unreadable:
            odd.append(name)
            return None

    refresh_expires_in = [told(name, seconds) for name in _REFRESH_EXPIRES]
    return Grant(
        access_token=access_token(answer),
        refresh_token=told("refresh_token", identifier),
        token_type=told("token_type", text) or "Bearer",
        expires_in=told("expires_in", seconds),
        refresh_expires_in=next(filter(None, refresh_expires_in), None),
        scopes=told("scope", lambda found: words(found, separator)),
        external_id=(external_id and told(external_id, identifier)) or "",
        extra={name: answer[name] for name in keep if name in answer and _plain(name)},
        odd=tuple(odd),
    )


def _plain(name: str) -> bool:
    last = _WORDS.findall(name)[-1:]
    return name not in _CODES and not _SECRET & {word.lower() for word in last}


def access_token(answer: JSON) -> str:
    """Return the access token, which must be there. Raises Unreadable."""
    if found := text(answer.get("access_token")):
        return found
    raise Unreadable("the token answer has no access_token")


def text(found: Any) -> str | None:
    """Return a text, None where there is none. Raises Unreadable for what Postgres cannot hold."""
    if found is not None and not (isinstance(found, str) and clean(found) == found):
        raise Unreadable("is no text")
    return found or None


def identifier(found: Any) -> str | None:
    """Return an id as text, also where objects are counted. Raises Unreadable."""
    return text(str(found) if type(found) is int else found)


def words(found: Any, separator: str) -> tuple[str, ...] | None:
    """Return the words of a text, or of a list, as Twitch has it. Raises Unreadable."""
    if isinstance(found, list):
        return tuple(filter(None, map(text, found)))
    listed = text(found)
    return None if listed is None else tuple(filter(None, listed.split(separator)))


def seconds(found: Any) -> float | None:
    """Return a length of time, None where none is told. Raises Unreadable for what is none.

    None at all is that, too: some say it of what never ends.
    """
    if found is None or found == "":
        return None
    try:
        length = math.nan if isinstance(found, bool) else float(found)
    except (TypeError, ValueError, OverflowError):
        raise Unreadable("is no number") from None
    if not (math.isfinite(length) and length >= 0):
        raise Unreadable("is no length of time")
    return min(length, LONGEST) or None
