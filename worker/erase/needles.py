"""What a person is found by in text that nobody foresaw: ids and addresses. Pure."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

ERASED = "erased"
_TOKEN = re.compile(rb"[A-Za-z0-9_-]+")
# what JSON or a URL escapes ends in a letter or digit, and is none: \n, \u003c, %3A
_SIGNS = (
    rb"\\[nrtbf]",
    rb"\\u00(?:[01].|2[0-9acf]|3[a-f])",
    rb"%(?![46][1-9a-f]|[57][0-9a]|5f|2[5bde]|3\d)[0-9a-f]{2}",
)
_SIGN = re.compile(b"|".join(_SIGNS), re.IGNORECASE)
# none is part of a longer one
_BEFORE = b"(?:" + b"|".join([rb"(?<![\w.+%-])", *(b"(?<=%s)" % sign for sign in _SIGNS)]) + b")"
_AFTER = rb"(?![\w-]|\.\w)"
_FIELDS = frozenset(
    {"email", "email_address", "primary_email", "customer_email", "receipt_email"}
    | {"phone", "phone_number", "primary_phone", "customer_phone"}
)
_DIGITS = 7  # of a telephone number at least: shorter ones are anybody's


@dataclass(frozen=True)
class Needles:
    """The ids of a person's objects, and the addresses by which others may name them."""

    ids: frozenset[str]
    addresses: frozenset[str]

    @cached_property
    def _ids(self) -> frozenset[bytes]:
        return frozenset(id.encode() for id in self.ids)

    @cached_property
    def _pattern(self) -> re.Pattern[bytes] | None:
        found = {way for address in self.addresses for way in _written(address)}
        if not found:
            return None
        longest = sorted(map(re.escape, found), key=len, reverse=True)
        return re.compile(_BEFORE + b"(?:" + b"|".join(longest) + b")" + _AFTER, re.IGNORECASE)

    def address_in(self, text: str | bytes) -> bool:
        """Return whether an address is in the text."""
        return self._pattern is not None and self._pattern.search(_bytes(text)) is not None

    def named_in(self, text: str | bytes) -> bool:
        """Return whether an id or an address is in the text."""
        return self.address_in(text) or not self._ids.isdisjoint(_tokens(_bytes(text)))

    def redacted(self, text: str) -> str:
        """Return a text, or JSON as text, with a word in the place of every address."""
        if self._pattern is None:
            return text
        return self._pattern.sub(ERASED.encode(), text.encode()).decode()


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _tokens(text: bytes) -> Iterator[bytes]:
    yield from _TOKEN.findall(text)
    if b"\\" in text or b"%" in text:
        yield from _TOKEN.findall(_SIGN.sub(b" ", text))


def _written(address: str) -> Iterator[bytes]:
    """Yield how an address may be written: as it is, in JSON's escapes, and in a URL."""
    yield address.encode()
    yield json.dumps(address)[1:-1].encode()
    yield quote(address).encode()
    yield quote(address, safe="").encode()


def addresses_in(value: Any) -> Iterator[str]:
    """Yield the e-mail addresses and telephone numbers that stand in fields for these."""
    if isinstance(value, list):
        for one in value:
            yield from addresses_in(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name in _FIELDS and isinstance(one, str):
                yield from sound([one])
            else:
                yield from addresses_in(one)


def sound(found: Iterable[str | None]) -> Iterator[str]:
    """Yield those that are one person's: what is too short would be found anywhere."""
    for one in found:
        if one and ("@" in one[1:-1] or sum(c.isdigit() for c in one) >= _DIGITS):
            yield one.strip().lower() if "@" in one else one.strip()
