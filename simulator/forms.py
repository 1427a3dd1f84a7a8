"""Bodies and queries as Stripe takes them: `items[0][price]=x&expand[]=y` (docs.stripe.com/api)."""

import re
from collections.abc import Iterable
from typing import Any

from simulator.text import JSON

_STEP = re.compile(r"\[([^\]]*)\]")


def nested(pairs: Iterable[tuple[str, str]]) -> JSON:
    """Return the fields of a form as one object. Values stay text; a field told twice is a list."""
    read: JSON = {}
    for name, value in pairs:
        first, *rest = [name.partition("[")[0], *_STEP.findall(name)]
        _set(read, first, rest, value)
    return {name: _listed(value) for name, value in read.items()}


def _set(inner: JSON, step: str, rest: list[str], value: str) -> None:
    name = step or str(len(inner))
    if not rest:
        there = inner.get(name, [])
        told = [*(there if isinstance(there, list) else [there]), value]
        inner[name] = told if len(told) > 1 else value
        return
    deeper = inner.setdefault(name, {})
    if isinstance(deeper, dict):
        _set(deeper, rest[0], rest[1:], value)


def _listed(value: Any) -> Any:
    """Return lists for what is numbered."""
    if not isinstance(value, dict):
        return value
    if value and all(name.isdigit() for name in value):
        return [_listed(value[name]) for name in sorted(value, key=int)]
    return {name: _listed(deeper) for name, deeper in value.items()}


def like(value: Any, template: Any) -> Any:
    """Return what a form says as JSON has it: as the value there is, else by how it looks.

    An empty text unsets a field, as at Stripe.
    """
    if isinstance(value, dict):
        known = template if isinstance(template, dict) else {}
        return {name: like(v, known.get(name)) for name, v in value.items()}
    if isinstance(value, list):
        return [like(v, None) for v in value]
    if not isinstance(value, str) or (isinstance(template, str) and value):
        return value
    return _READ.get(value, int(value) if _NUMBER.fullmatch(value) else value)


_READ: dict[str, Any] = {"": None, "true": True, "false": False}
_NUMBER = re.compile(r"-?\d{1,15}")
