"""When an integration counts as sick: docs/health.md gives the reason for each figure."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from settings.group import Group
from settings.lists import split

CODES = frozenset(
    {
        *("waiting_old", "retrying_old", "failure_rate", "dead_letters", "breaker_open"),
        *("call_failing", "limiter_pressed", "token_ending", "sync_late", "drift_open"),
        *("refused_signatures", "silence", "watch_failed"),
    }
)
"""The codes of all that may be wrong with an integration."""


class Watch(Group):
    """The thresholds of `worker/health.py`."""

    watch_patience_seconds: float = Field(120, ge=0)
    watch_waiting_seconds: float = Field(120, gt=0)
    watch_stuck_seconds: float = Field(600, gt=0)
    watch_rate_events: int = Field(20, ge=1)
    watch_rate_percent: float = Field(5, gt=0, le=100)
    watch_failing_percent: float = Field(50, gt=0, le=100)
    watch_dead_growth: int = Field(20, ge=1)
    watch_call_failures: int = Field(3, ge=1)
    watch_pressed_percent: float = Field(20, gt=0, le=100)
    watch_sync_factor: float = Field(3, ge=1)
    watch_refusals: int = Field(5, ge=1)
    watch_silence_chance: float = Field(0.000_001, gt=0, lt=1)
    watch_silence_events: int = Field(20, ge=1)
    watch_silence_meant: Annotated[tuple[str, ...], BeforeValidator(split)] = ()
