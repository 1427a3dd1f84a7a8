"""The shape of what a service tells: which fields there are, of which JSON types, and what changed.

Pure. A shape says of each path which types were seen there; null is none. Elements of a list share
a path, and an object whose keys are no field's names, such as metadata, is one value.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Change = Literal["new", "missing", "retyped", "unfit"]
Shape = Mapping[str, frozenset[str]]

LEARNED = 20
"""So many bodies have to be seen before anything in them counts as a change."""
STEADY = 5
"""A field is new once it was in so many bodies in a row: what comes and goes is optional."""
MISSED = 20
"""A field that was in every body is missing once it was in none of so many."""
PATHS = 2000
"""Of more fields than so many none is learned: somebody's own keys are among them."""
ABSENT = "absent"
"""Stands among the types of a field that may be left out."""

_KEYS, _DEPTH, _ELEMENTS = 100, 12, 50
_MAPS = re.compile(r"(.*_)?metadata|previous_attributes|properties|\$set(_once)?|currency_options")
_NAME = re.compile(r"[$@]?[A-Za-z](?![\w-]*(?:[0-9][\w-]*){4})[\w-]{0,63}", re.ASCII)
_TYPES: Mapping[type, str] = {
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    dict: "object",
    list: "array",
}


def shape(value: Mapping[str, Any]) -> Shape:
    """Return the shape of an object. `*` stands for the whole, `a.*` for that of a field.

    >>> sorted(shape({"id": "x", "of": [{"n": 1}, {"n": None}], "metadata": {"k": "v"}}))
    ['*', 'id', 'metadata', 'of', 'of[]', 'of[].*', 'of[].n']
    """
    found: dict[str, set[str]] = {}
    _walk(value, "", found, _DEPTH)
    return {path: frozenset(types) for path, types in found.items()}


def _walk(value: Any, path: str, found: dict[str, set[str]], depth: int) -> None:
    if path:
        found.setdefault(path, set()).update({_TYPES[type(value)]} if value is not None else ())
    if isinstance(value, list) and depth:
        for element in value[:_ELEMENTS]:
            _walk(element, f"{path}[]", found, depth - 1)
    if isinstance(value, dict) and depth and not _is_map(path, value):
        inside = f"{path}." if path else ""
        found.setdefault(f"{inside}*", set())
        for key, one in value.items():
            _walk(one, f"{inside}{key}", found, depth - 1)


def _is_map(path: str, value: Mapping[str, Any]) -> bool:
    """Return whether an object's keys are somebody's own: by its name, or by theirs."""
    named = _MAPS.fullmatch(path.rpartition(".")[2])
    return bool(named) or len(value) > _KEYS or not all(map(_NAME.fullmatch, value))


@dataclass(slots=True)
class Field:
    """What was learned of a path: types, in how many bodies it was, since how many it is not.

    `change` is the last one; unless `reported` it is to be seen whether it lasts.
    """

    path: str
    types: set[str] = field(default_factory=set)
    seen: int = 0
    missed: int = 0
    change: Change | None = None
    reported: bool = False

    @property
    def whole(self) -> str | None:
        """Return the path of the object that it is a field of; None if it is no field."""
        if self.path.endswith(("*", "[]")):
            return None
        return f"{self.path.rpartition('.')[0]}.*".removeprefix(".")


Fields = dict[str, Field]


def learn(known: Fields, told: Shape) -> Iterator[Field]:
    """Add the shape of one body to what is known; yield the fields with a change to report."""
    for path in sorted(told.keys() - known.keys()) if len(known) < PATHS else ():
        known[path] = _begun(Field(path), known)
    for path in sorted(told.keys() & known.keys(), key=lambda path: path.endswith("*")):
        if change := _seen(known[path], told[path]):
            yield _reported(known[path], change)
    for one in known.values():
        if one.path not in told and one.whole in told and (change := _missed(one)):
            yield _reported(one, change)


def _begun(one: Field, known: Fields) -> Field:
    """Return a field that was never there before: new, if enough is known of where it is."""
    whole = known.get(one.whole or "")
    if whole and whole.seen:
        one.types = {ABSENT}
        one.change = "new" if whole.seen >= LEARNED else None
    return one


def _seen(one: Field, types: frozenset[str]) -> Change | None:
    if one.missed:
        one.types.add(ABSENT)
    before, one.missed = one.types - {ABSENT}, 0
    one.types |= types
    one.seen += 1
    if before and one.types - {ABSENT} > before and one.seen > LEARNED:
        return "retyped"
    waits = one.change == "new" and not one.reported
    return "new" if waits and one.seen >= STEADY else None


def _missed(one: Field) -> Change | None:
    one.missed += 1
    if one.change == "new" and not one.reported:
        one.change = None
    always = ABSENT not in one.types and one.seen >= LEARNED
    return "missing" if always and one.missed == MISSED else None


def _reported(one: Field, change: Change) -> Field:
    one.change, one.reported = change, True
    return one
