"""What happens to the objects of a population, one step after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from simulator.text import JSON

ROUNDS = 8
"""How many seconds a life takes."""
DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Step:
    """One version of one object, or its end. `at`: Unix seconds.

    `object` is what an event carries of it: of a deleted one, what remains. Without an `event`
    nobody is told.
    """

    service: str
    object: JSON
    at: int
    event: str | None = None
    gone: bool = False

    @property
    def of(self) -> str:
        """Return the type of the object."""
        return str(self.object["object"])


@dataclass(frozen=True, slots=True)
class Thrown:
    """What a population is thrown with. Times are Unix seconds: `began` is not after `now`."""

    seed: int
    began: int
    now: int


class Chronicle:
    """The steps of one life, as they are told. What was before `now` no event tells of.

    `began` is what ages are counted from: so what was before is the same, whenever life begins.
    """

    def __init__(self, service: str, number: int, thrown: Thrown) -> None:
        self.now, self.began, self.number = thrown.now, thrown.began, number
        self.dice = Random(f"{thrown.seed}/{service}/{number}")
        self._service, self._steps = service, list[Step]()

    def __iter__(self) -> Iterator[Step]:
        return iter(self._steps)

    def chance(self, share: float) -> bool:
        """Return whether it happens."""
        return self.dice.random() < share

    def id(self, prefix: str, which: int = 0) -> str:
        """Return an id of this life: `sub_000042x1`."""
        return f"{prefix}_{self.number:06}x{which}"

    def put(self, obj: JSON, at: int, event: str | None = None) -> JSON:
        """Have the object be so from then on; return it."""
        self._steps.append(Step(self._service, obj, at, self._told(event, at)))
        return obj

    def end(self, remains: JSON, at: int, event: str | None = None) -> None:
        """Have the object be no more."""
        self._steps.append(Step(self._service, remains, at, self._told(event, at), gone=True))

    def _told(self, event: str | None, at: int) -> str | None:
        return event if at >= self.now else None
