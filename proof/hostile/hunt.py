"""Draws from Hypothesis for as long as there is time, the same things for the same seed."""

import time
from collections.abc import Callable
from random import Random
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

Drawn = TypeVar("Drawn")
_ROUND = 50  # examples, until the clock is looked at

_freely = settings(
    max_examples=_ROUND,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def hunt(
    over: SearchStrategy[Drawn], check: Callable[[Drawn], None], dice: Random, seconds: float
) -> int:
    """Check what is drawn until the time is up; return how many were. `check` never raises."""
    end, tried = time.monotonic() + seconds, 0

    def counted(drawn: Drawn) -> None:
        nonlocal tried
        if time.monotonic() < end or tried < _ROUND:
            tried += 1
            check(drawn)

    while time.monotonic() < end or not tried:
        seed(dice.getrandbits(64))(_freely(given(over)(counted)))()
    return tried
