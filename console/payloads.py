"""A body as the console shows it: JSON with what may be personal masked, until it is revealed.

What is shown unmasked is what is known to be harmless by its name and shape (console/harmless.py).
All else is masked, so that a field which nobody foresaw is masked too.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from console import harmless

MASK = "•••••"
_LARGEST = 262_144  # bytes of a body that are shown


@dataclass(frozen=True, slots=True)
class Shown:
    """A body to look at. `masked` counts the values that are not shown."""

    html: Markup
    masked: int
    size: int
    json: bool


def shown(body: bytes, *, revealed: bool) -> Shown:
    """Return a body to look at; what is no JSON, or nested endlessly, is wholly masked."""
    lines = _Lines(revealed=revealed)
    try:
        value = json.loads(body) if len(body) <= _LARGEST else None
        html = Markup("").join(lines.of(value, "", "", hide=False))
    except (ValueError, RecursionError):
        return _plain(body, revealed=revealed)
    if value is None:
        return _plain(body, revealed=revealed)
    return Shown(html, lines.masked, len(body), json=True)


def _plain(body: bytes, *, revealed: bool) -> Shown:
    text = body[:_LARGEST].decode(errors="replace")
    return Shown(escape(text if revealed else MASK), 0 if revealed else 1, len(body), json=False)


class _Lines:
    """JSON in colours; `masked` counts what is not shown of it."""

    def __init__(self, *, revealed: bool) -> None:
        self.revealed, self.masked = revealed, 0

    def of(self, value: Any, name: str, indent: str, *, hide: bool) -> Iterator[Markup]:
        """Yield a value's parts. `hide`: it stands under a name of something personal."""
        hide = hide or harmless.personal(name)
        if not isinstance(value, dict | list) or not value:
            yield self._leaf(value, name, hide=hide)
            return
        inner, ends = indent + "  ", "{}" if isinstance(value, dict) else "[]"
        yield escape(ends[0])
        members = value.items() if isinstance(value, dict) else ((None, one) for one in value)
        for n, (key, member) in enumerate(members):
            yield Markup("{}\n{}").format("," if n else "", inner)
            if key is not None:
                yield self._key(key)
            by_person = key is not None and not harmless.key(key)
            yield from self.of(member, name if key is None else key, inner, hide=hide or by_person)
        yield Markup("\n{}{}").format(indent, ends[1])

    def _key(self, key: str) -> Markup:
        """Return a member's name; masked where it may be a person's, as in a map by address."""
        if not self.revealed and not harmless.key(key):
            return self._mask() + ": "
        return Markup('<span class="k">{}</span>: ').format(json.dumps(key, ensure_ascii=False))

    def _leaf(self, value: Any, name: str, *, hide: bool) -> Markup:
        empty = value is None or isinstance(value, bool) or value in ("", {}, [])
        if not self.revealed and not empty and (hide or not harmless.value(value, name)):
            return self._mask()
        kind = "s" if isinstance(value, str) else "n"
        text = json.dumps(value, ensure_ascii=False)
        return Markup('<span class="{}">{}</span>').format(kind, text)

    def _mask(self) -> Markup:
        self.masked += 1
        return Markup('<span class="m" title="masked">{}</span>').format(MASK)
