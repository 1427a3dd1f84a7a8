"""How it is written down what a column must hold.

A word is a column that holds the field of its name; `column<path` one that holds another field.
`@s` and `@ms` are times, since 1970; `@d` is a decimal number that comes as text. What no word can
say is said by a function of the object.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

JSON = dict[str, Any]
Value = Callable[[JSON], object]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _itself(obj: JSON) -> list[JSON]:
    return [obj]


@dataclass(frozen=True, slots=True)
class Table:
    """A table, and the type of object that it holds.

    `rows` returns the objects that are rows of it, of one that has members; `key` are the columns
    that tell these apart, and `secret` the fields that may not be kept.
    """

    service: str
    of: str
    words: str
    derived: Mapping[str, Value] = field(default_factory=dict)
    secret: frozenset[str] = frozenset()
    rows: Callable[[JSON], list[JSON]] = _itself
    key: tuple[str, ...] = ("id",)

    def values(self) -> dict[str, Value]:
        """Return, by column, what gives its value."""
        return dict(_read(word) for word in self.words.split()) | dict(self.derived)


def _read(word: str) -> tuple[str, Value]:
    said, _, kind = word.partition("@")
    column, _, path = said.partition("<")
    names = (path or column).split(".")
    return column, lambda obj: as_kind(kind, found(obj, names))


def found(obj: Any, names: list[str]) -> Any:
    """Return what lies at the path, None where it ends before."""
    for name in names:
        obj = obj.get(name) if isinstance(obj, dict) else None
    return obj


def as_kind(kind: str, value: Any) -> Any:
    """Return the value as the column of that kind holds it."""
    if value is None or not kind:
        return value
    if kind == "d":
        return Decimal(value)
    return _EPOCH + (timedelta(seconds=value) if kind == "s" else timedelta(milliseconds=value))
