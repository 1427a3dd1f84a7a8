"""What a signal says, and what it is asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

State = Literal["healthy", "degraded", "failing", "silent", "paused", "not configured"]
WORSE: tuple[State, ...] = ("failing", "silent", "degraded")
"""The states that a reason makes, the worst first."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is wrong with an integration, in words for a person at three in the morning.

    `state` is what this alone would make it; `since` is by the database's clock. The same trouble
    has the same service, `code` and `cause`. `look` is the command that shows it, `mend` the
    command or sentence that mends it, `page` the console's path.
    """

    code: str
    state: State
    words: str
    since: datetime | None
    cause: str = ""
    look: str = ""
    mend: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at some services: at which time of the database, and what all signals need.

    `waiting` says of which how many deliveries are unread, and since when.
    """

    now: datetime
    services: tuple[str, ...]
    waiting: Mapping[str, tuple[int, datetime]] = field(default_factory=dict)

    def ago(self, seconds: float) -> datetime:
        """Return the time so many seconds before the look."""
        return self.now - timedelta(seconds=seconds)


def worst(reasons: Iterable[Reason]) -> State:
    """Return the state that the reasons make together."""
    found = {reason.state for reason in reasons}
    return next((state for state in WORSE if state in found), "healthy")
