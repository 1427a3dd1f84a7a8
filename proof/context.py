"""What every part of the proof is given."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random


@dataclass(frozen=True, slots=True)
class Context:
    """The seed, the seconds that a part may take, and where it says how far it is."""

    seed: int
    seconds: float
    say: Callable[[str], None]

    def dice(self, of: str) -> Random:
        """Return the random numbers of one matter: the same ones for the same seed."""
        return Random(f"{self.seed} {of}")

    def share(self, part: float) -> "Context":
        """Return the same with so much of the time."""
        return replace(self, seconds=self.seconds * part)

    def end(self) -> float:
        """Return when the time is up, on the monotonic clock, counted from this call."""
        return time.monotonic() + self.seconds
