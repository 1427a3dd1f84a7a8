"""The same storm over both pipelines: ours, and a plain one of one Celery task for each event."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from proof import checker
from proof.checker import Verdict
from proof.context import Context
from proof.kills.faults import PROCESSES, STORES, Fault
from proof.kills.ground import Ground, ground, under_load
from proof.kills.run import part
from proof.kills.storm import befall
from proof.looks import STREAM
from proof.plain import stillness
from proof.plain.pipeline import named, plain, waiting
from proof.report import Part, Table
from proof.stack import Stack

SENDERS, PAUSE = 3, 0.01
SHARE = 0.4  # of the time for each of the two storms: the rest is for settling
GAPS = 1, 4  # seconds between two faults
_NAMED = {fault.name: fault for fault in [*PROCESSES, *STORES]}
FAULTS = [
    _NAMED[name]
    for name in (
        "all pool children are killed",
        "the worker is killed",
        "the receiver is killed",
        "Redis is killed, and comes back",
        "Postgres is killed, and comes back",
    )
]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of what a pipeline accepted; `stuck` is kept somewhere, and not taken up."""

    pipeline: str
    accepted: int
    kills: int
    applied: int
    dead: int
    lost: Sequence[str]
    doubled: Sequence[str]
    stuck: int
    seconds: float
    """For which something still moved after the storm."""

    def row(self) -> list[object]:
        """Return it as the report's table shows it."""
        kept = [self.pipeline, self.accepted, self.kills, self.applied, self.dead]
        return [*kept, len(self.lost), len(self.doubled), self.stuck, f"{self.seconds:.0f}"]


_COUNTED = ["accepted", "kills", "applied", "dead", "lost", "doubled", "stuck"]
HEADS = ["pipeline", *_COUNTED, "settled after (s)"]


def prove(context: Context) -> Part:
    """Return the comparison. What ours loses is found; what the other loses is told."""
    share = context.share(SHARE)
    ours, found = _ours(share)
    theirs, told = _theirs(share)
    table = Table(HEADS, [ours.row(), theirs.row()])
    return replace(found, tables=[table, *found.tables], notes=[*told, *found.notes])


def _ours(context: Context) -> tuple[Outcome, Part]:
    context.say("ours")
    with ground(context) as here:
        _storm(here)
        seconds = stillness.ours(here.stack)
        found = part(here, "The same kills, and a plain Celery pipeline beside ours", [])
        verdict = checker.verdict(here.seen, here.journal.told())
        return outcome("ours", here, verdict, seconds, _entries(here.stack)), found


def _entries(stack: Stack) -> set[str]:
    """Return the ids of all that waits in the stream."""
    with stack.redis() as redis:
        entries: Any = redis.xrange(STREAM)
    return {id for _, fields in entries for id in named(fields[b"body"])}


def _theirs(context: Context) -> tuple[Outcome, list[str]]:
    context.say("the plain one")
    with plain() as other:
        there = Ground(other, context)
        _storm(there)
        seconds, restarts = stillness.theirs(other)
        verdict = checker.verdict(there.seen, there.journal.told())
        left = waiting(other.variables["REDIS_URL"])
        theirs = outcome("plain Celery", there, verdict, seconds, left)
        return theirs, list(_told(there, theirs, restarts))


def outcome(
    pipeline: str, here: Ground, verdict: Verdict, seconds: float, waiting: Collection[str]
) -> Outcome:
    """Return the verdict in the words of the comparison: what still waits is not lost."""
    lost = [id for id in verdict.lost if id not in waiting]
    stuck = verdict.retrying + verdict.waiting + len(verdict.lost) - len(lost)
    kills = here.kills.total()
    kept = verdict.applied, verdict.dead, lost, verdict.doubled, stuck, seconds
    return Outcome(pipeline, verdict.accepted, kills, *kept)


def _told(there: Ground, theirs: Outcome, restarts: int) -> Iterator[str]:
    yield (
        "Both got the same faults in the same order, at the same pace of the same senders. The "
        "plain pipeline is one Celery task for each event: acknowledged late, requeued when its "
        "process is lost, with our visibility timeout, our claim and our handlers."
    )
    answers = ", ".join(f"{what}: {n}" for what, n in sorted(there.journal.answers.items()))
    yield f"What the plain pipeline's senders were answered: {answers}."
    if theirs.lost:
        yield f"What the plain pipeline accepted and lost: {', '.join(theirs.lost)}."
    else:
        yield "The plain pipeline lost nothing in this run."
    if restarts:
        yield f"Its worker hung, and was restarted by hand {restarts} times, before it was judged."


def _storm(here: Ground) -> None:
    """Let the same faults come, whichever pipeline it is."""
    with under_load(here, "both", SENDERS, PAUSE):
        for fault, gap in plan(here.context):
            here.stack.wait(gap)
            here.context.say(f"  {fault.name}")
            befall(here, fault)


def plan(context: Context) -> list[tuple[Fault, float]]:
    """Return so many faults as fill the time, each with the seconds before it."""
    dice, spent = context.dice("plain"), 0.0
    planned: list[tuple[Fault, float]] = []
    while spent < context.seconds:
        planned.append((dice.choice(FAULTS), dice.uniform(*GAPS)))
        spent += planned[-1][0].seconds + planned[-1][1]
    return planned
