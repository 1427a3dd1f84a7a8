"""Somebody outside who notices that what should run does not: Sentry's monitors (crons)."""

import time
from collections.abc import Callable

Told = Callable[[str, float], None]
_SELDOM = 50  # seconds between two signs of the same: a monitor counts minutes


class _Outside:
    told: Told | None = None
    last: dict[str, float]


_Outside.last = {}


def watched_by(told: Told | None) -> None:
    """Have this told from now on that something ran, and every how many seconds it does."""
    _Outside.told = told
    _Outside.last.clear()


def ran(name: str, seconds: float) -> None:
    """Say that what is due every so many seconds ran."""
    now = time.monotonic()
    if _Outside.told and now - _Outside.last.get(name, -_SELDOM) >= _SELDOM:
        _Outside.last[name] = now
        _Outside.told(name, seconds)
