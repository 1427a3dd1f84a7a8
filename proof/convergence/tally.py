"""What was tried so far, and what was found."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import factorial

from proof.convergence.copies import Copy
from proof.convergence.judge import Divergence
from proof.convergence.trial import Trial
from proof.convergence.ways import EXHAUSTIVE
from proof.report import Finding, Part, Table

ALL_ORDERS = "all orders of"

HEADS = (
    "mirror",
    "stories",
    "deliveries",
    ALL_ORDERS,
    "orders tried",
    "splits",
    "by two workers",
    "ties left with refetch_at",
    "settled by re-fetch",
    "of deleted objects",
    "divergent",
)
NOTE = (
    "Every story is told in its natural order, then in all the orders and splits that are counted "
    "here, each with repetitions behind the first time, some of them again through the inbox by "
    "two concurrent workers, some with a listing of what stands at last, once, between any two of "
    "the batches: they end in equal rows, but for clock, source and last_event_id. "
    "A tie of a deleted object keeps refetch_at: nothing is left to be fetched."
)


@dataclass(slots=True)
class Tally:
    """The counts by mirror, and the findings."""

    service: str
    mirrors: dict[str, Counter[str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    seconds: float = 0
    copies: int = 0
    left_out: dict[str, None] = field(default_factory=dict)
    """What was not tried for want of time, in words."""

    def __str__(self) -> str:
        """Return how far it is."""
        stories, orders, divergent = (
            self._sum(n) for n in ("stories", "orders tried", "divergent")
        )
        return f"{stories} stories in {orders} orders, {divergent} divergent"

    def cost(self, copies: int) -> float:
        """Return the seconds that so many copies may take."""
        return copies * self.seconds / max(1, self.copies)

    def add(self, trial: Trial, smallest: Sequence[Divergence], seconds: float) -> None:
        """Add a trial; of its divergences those in the smallest stories become findings."""
        for copy in trial.copies:
            self.mirrors.setdefault(copy.story.about, Counter())
        for about, name, number in _counted(trial):
            self.mirrors[about][name] += number
        for about, length in _exhausted(trial):
            counts = self.mirrors[about]
            counts[ALL_ORDERS] = max(counts[ALL_ORDERS], length)
        words = [*map(str, smallest), *trial.unhandled]
        self.findings += [Finding("divergent", text) for text in words]
        self.seconds += seconds
        self.copies += len(trial.copies)

    def part(self) -> Part:
        """Return the chapter of the report."""
        rows = [[of, *(c[head] for head in HEADS[1:])] for of, c in self.mirrors.items()]
        return Part(
            title=f"Convergence: {self.service}",
            counts={
                "orders_tried": self._sum("orders tried") + self._sum("by two workers"),
                "divergent": max(self._sum("divergent"), len(self.findings)),
            },
            tables=[Table(HEADS, rows)],
            notes=[NOTE, *self._missed()],
            findings=self.findings,
        )

    def _missed(self) -> Iterator[str]:
        """Yield what had no time."""
        if short := [of for of, counts in self.mirrors.items() if counts[ALL_ORDERS] < EXHAUSTIVE]:
            yield (
                f"{EXHAUSTIVE} deliveries: not told in all {factorial(EXHAUSTIVE)} orders for "
                f"{', '.join(short)}: give more minutes."
            )
        if self.left_out:
            yield f"Left out for some mirrors, for want of time: {', '.join(self.left_out)}."

    def _sum(self, name: str) -> int:
        return sum(counts[name] for counts in self.mirrors.values())


def _counted(trial: Trial) -> Iterator[tuple[str, str, int]]:
    """Yield the type that a story is about, what is counted, and how many more of it there are."""
    for story in {id(copy.story): copy.story for copy in trial.copies}.values():
        yield story.about, "stories", 1
    for copy in {(id(copy.story), copy.way.split): copy for copy in trial.copies}.values():
        yield copy.story.about, "splits", 1
    for copy in trial.copies:
        yield copy.story.about, "orders tried", 1
        yield copy.story.about, "deliveries", sum(map(len, copy.way.batches))
        yield from ((copy.story.about, *tie) for tie in _ties(trial, copy))
    for copy in trial.shared:
        yield copy.story.about, "by two workers", 1
    for found in trial.divergences:
        yield found.copy.story.about, "divergent", 1


def _exhausted(trial: Trial) -> Iterator[tuple[str, int]]:
    """Yield the type and the length of each story that was told in all orders."""
    stories = {id(copy.story): copy.story for copy in trial.copies}
    orders: dict[int, set[tuple[int, ...]]] = {number: set() for number in stories}
    for copy in trial.copies:
        orders[id(copy.story)].add(copy.way.order)
    for number, story in stories.items():
        if len(orders[number]) == factorial(len(story.told)):
            yield story.about, len(story.told)


def _ties(trial: Trial, copy: Copy) -> Iterator[tuple[str, int]]:
    """Yield what became of the rows of a copy that wait to be fetched again."""
    for key, row in trial.told.rows.get(copy.number, {}).items():
        if row["refetch_at"] is not None:
            settled = trial.told.settled[copy.number][key]
            yield "ties left with refetch_at", 1
            yield "settled by re-fetch", settled["refetch_at"] is None
            yield "of deleted objects", row["deleted_at"] is not None
