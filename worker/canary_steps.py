"""When a redrive in steps sends, waits, takes its next step, halts or is complete: no clock, no
database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

SIZES = (0, 1, 10)
"""How many letters each step sends; the one behind these sends the rest."""
LAST = len(SIZES)
UNSETTLED = 500
"""No more are sent while so many have no outcome: whoever tries them is slow, or paused."""
_LEAST = 10  # letters of the last step of which a share says something
_BURST = 10  # seconds of the rate that may be sent at once, after a wait

_BAD = ("died", "failing")
_SENT = ("sent", "mended", *_BAD)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many letters have which status: of those that the step has sent, and of all."""

    of_step: Mapping[str, int]
    all: Mapping[str, int]

    @property
    def sent(self) -> int:
        """Return how many the step has sent."""
        return sum(self.of_step.get(status, 0) for status in _SENT)

    @property
    def unsettled(self) -> int:
        """Return of how many of these it is open what became of them."""
        return self.of_step.get("sent", 0)

    @property
    def bad(self) -> int:
        """Return how many of them died again, or are tried in vain."""
        return sum(self.of_step.get(status, 0) for status in _BAD)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done with a redrive; `reason` says why it halts."""

    what: Literal["go on", "next", "complete", "halt"]
    reason: str | None = None

    @property
    def halts(self) -> bool:
        """Return whether nothing more may be sent."""
        return self.what == "halt"


def judge(step: int, tally: Tally, halt_percent: float, *, more: bool) -> Verdict:
    """Return what is to be done. `more`: there are letters yet that could be sent now."""
    full = step < LAST and tally.sent >= SIZES[step]
    over = full or not more
    tried = tally.sent - tally.unsettled
    # while more is to come a few that failed say little: they are held against the whole step
    of = tried if over and not tally.unsettled else max(tried, (*SIZES, _LEAST)[step])
    if tally.bad * 100 > halt_percent * of:
        return Verdict("halt", f"{tally.bad} of {tried} letters of step {step} failed again")
    if not over or tally.unsettled:
        return Verdict("go on")
    return Verdict("next") if more and step < LAST else Verdict("complete")


def allowance(step: int, tally: Tally, per_second: float, seconds: float) -> int:
    """Return how many letters may be sent now, `seconds` after the rate was used up last."""
    if step < LAST:
        return max(0, SIZES[step] - tally.sent)
    paced = int(per_second * min(seconds, max(_BURST, 1 / per_second)))
    return max(0, min(paced, UNSETTLED - tally.unsettled))
