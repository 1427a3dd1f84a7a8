"""A bar for each type of object that is listed: how many, how quickly, how long it takes yet."""

import sys
import time
from collections.abc import Callable
from itertools import count
from types import TracebackType
from typing import Any, Self

import click


class Bars:
    """Draws a bar on standard error, where that is a terminal; elsewhere a line for each type.

    `told` is called with the type, how many there are in all (None: nobody knows), and how many
    more were read; `before` returns how many were read of a type when its bar begins.
    """

    def __init__(self, before: Callable[[str], int] = lambda _name: 0) -> None:
        self._before = before
        self._name, self._begun, self._done = "", 0.0, 0
        self._bar: Any = None

    def told(self, name: str, total: int | None, more: int) -> None:
        """Move on."""
        if name != self._name or self._bar is None:
            self._begin(name, total, more)
        self._done += more
        self._bar.update(more, f"{self._done / max(time.monotonic() - self._begun, 0.1):,.0f}/s")

    def _begin(self, name: str, total: int | None, more: int) -> None:
        self._end()
        self._name, self._begun, self._done = name, time.monotonic(), 0
        endless: Any = count()
        self._bar = click.progressbar(
            None if total else endless,
            length=total,
            label=f"{name:30}",
            show_pos=True,
            show_eta=total is not None,
            item_show_func=lambda rate: rate,
            file=sys.stderr,
        )
        self._bar.__enter__()
        if (before := self._before(name)) > more:  # which counts what is told now
            self._bar.update(before - more)

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Leave the last bar as it stands."""
        self._end()
