"""Signed links that begin a flow: nobody can begin one for an account that is not theirs.

`tallyman oauth start` makes them, or the team's own backend, which knows the same key: it joins
what `_message` does, in that order, by line feeds.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal
from urllib.parse import urlencode

LONGEST = 15 * 60  # seconds that a link may be good for
SHORTEST_KEY = 32  # characters
_PARAMETERS = ("account", "by", "until", "id", "signature")
_PLAIN = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]{1,200}")
_NUMBER = re.compile(r"[0-9]{1,12}")

LinkReason = Literal[
    "not_configured", "link_malformed", "link_forged", "link_expired", "link_too_long"
]


class LinkRefused(Exception):
    """The link begins nothing. `reason` is the code that the browser is told."""

    def __init__(self, reason: LinkReason) -> None:
        super().__init__(reason)
        self.reason: LinkReason = reason


@dataclass(frozen=True, slots=True)
class Link:
    """Who may connect which account, until when (Unix seconds). `id` makes it good for one use.

    `label` is how the account is called on the page, if not as it is called here.
    """

    service: str
    account: str
    by: str
    until: int
    id: str
    label: str = ""

    def parameters(self, key: str) -> dict[str, str]:
        """Return the link's query, signed. Raises ValueError for what no link can carry."""
        told = (self.service, self.account, self.by, self.id, self.label or self.account)
        if not all(_PLAIN.fullmatch(value) for value in told) or len(key) < SHORTEST_KEY:
            raise ValueError(
                "account, by and label are 1 to 200 printable characters, the key 32 at least"
            )
        told_apart = asdict(self).items()
        query = {name: str(value) for name, value in told_apart if name != "service" and value}
        return query | {"signature": _signature(self, key)}

    @property
    def digest(self) -> str:
        """Return what tells it from all others, and says nothing of it."""
        return hashlib.sha256(_message(self)).hexdigest()


def address(base: str, link: Link, key: str) -> str:
    """Return the link as a browser opens it. Raises ValueError."""
    return f"{base.rstrip('/')}/oauth/{link.service}/start?{urlencode(link.parameters(key))}"


def new(service: str, account: str, by: str, until: float, label: str = "") -> Link:
    """Return a link that no other is like."""
    return Link(service, account, by, int(until), secrets.token_urlsafe(16), label)


def opened(service: str, query: Mapping[str, Sequence[str]], key: str, now: float) -> Link:
    """Return what a link says, `query` having all values of each parameter. Raises LinkRefused."""
    if len(key) < SHORTEST_KEY:
        raise LinkRefused("not_configured")
    given = {name: _only(query.get(name, ())) for name in _PARAMETERS}
    if not _NUMBER.fullmatch(given["until"]):
        raise LinkRefused("link_malformed")
    until, label = int(given["until"]), _only(query["label"]) if "label" in query else ""
    link = Link(service, given["account"], given["by"], until, given["id"], label)
    if not hmac.compare_digest(_signature(link, key).encode(), given["signature"].encode()):
        raise LinkRefused("link_forged")
    if link.until < now:
        raise LinkRefused("link_expired")
    if link.until > now + LONGEST:
        raise LinkRefused("link_too_long")
    return link


def _only(values: Sequence[str]) -> str:
    if len(values) != 1 or not _PLAIN.fullmatch(values[0]):
        raise LinkRefused("link_malformed")
    return values[0]


def _signature(link: Link, key: str) -> str:
    return hmac.new(key.encode(), _message(link), "sha256").hexdigest()


def _message(link: Link) -> bytes:
    lines = ["tallyman-oauth-start", link.service, link.account, link.by, str(link.until), link.id]
    if link.label:
        lines.append(link.label)
    return "\n".join(lines).encode()
