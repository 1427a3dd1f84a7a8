"""One trial: copies of a few stories, told in the natural order, in all ways, by two workers."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from proof.convergence.copies import Copy
from proof.convergence.judge import Divergence, judge, judge_listed, unhandled
from proof.convergence.story import Story, story
from proof.convergence.tell import Ended, Stage
from proof.convergence.ways import ways

EVERY = 4  # of so many copies one is told by two workers too
LISTED = 3  # of so many one is listed in between
SHARED = 120  # of larger trials about so many: the inbox takes most of the time


@dataclass(frozen=True, slots=True)
class Trial:
    """What was told, and what came of it."""

    copies: Sequence[Copy]
    shared: Sequence[Copy]
    told: Ended
    divergences: Sequence[Divergence]
    unhandled: Sequence[str]


def trial(stage: Stage, told: Sequence[Story], most: int, dice: Random) -> Trial:
    """Return what came of up to `most` ways to tell each story."""
    copies = list(_copies(stage, told, most, dice))
    shared = copies[:: max(EVERY, len(copies) // SHARED)]
    natural = stage.in_order(copies)
    batched = stage.in_batches(copies)
    drained = stage.by_two_workers(shared, dice)
    some = copies[:: max(LISTED, len(copies) // SHARED)]
    listed = stage.with_a_listing(some)
    passes = [(copies, natural, ""), (copies, batched, ""), (shared, drained, ", by two workers")]
    return Trial(
        copies,
        shared,
        batched,
        [
            *(found for told, ended, by in passes for found in judge(told, ended, natural, by)),
            *judge_listed(some, listed, natural, stage.listed_tables),
        ],
        [
            words
            for told, ended, _ in [*passes, (some, listed, "")]
            for words in unhandled(told, ended)
        ],
    )


def _copies(stage: Stage, told: Sequence[Story], most: int, dice: Random) -> Iterator[Copy]:
    number = 0
    for one in told:
        for way in ways(len(one.told), most, dice):
            yield Copy(stage.service, stage.source, one, f"{number:06}", way)
            number += 1


def reduced(stage: Stage, found: Divergence, most: int, dice: Random, end: float) -> Divergence:
    """Return a divergence of the same mirror in a shorter story, if leaving out steps finds one.

    It is looked for until the `end`, on the monotonic clock.
    """
    while time.monotonic() < end:
        smaller = next(_without_one(stage, found, most, dice), None)
        if smaller is None:
            break
        found = smaller
    return found


def _without_one(stage: Stage, found: Divergence, most: int, dice: Random) -> Iterator[Divergence]:
    steps = found.copy.story.steps
    for n in range(1, len(steps)):
        fewer = [*steps[:n], *steps[n + 1 :]]
        told = story(stage.source, stage.homes, found.copy.story.about, fewer)
        yield from trial(stage, [told], most, dice).divergences
