"""Convergence: the same deliveries in any order, split and company end in the same, true rows."""

import time
from collections.abc import Iterator, Sequence
from itertools import chain, cycle, starmap
from typing import NamedTuple

from integrations.interface import Integration
from proof.context import Context
from proof.convergence.pool import pool
from proof.convergence.story import Kind, Story
from proof.convergence.tally import Tally
from proof.convergence.tell import Stage, stage
from proof.convergence.trial import reduced, trial
from proof.report import Part
from simulator.life import MARK, Source
from simulator.lives import SOURCES


class Level(NamedTuple):
    """In how many ways stories of so many deliveries are told."""

    ways: int
    deliveries: int

    def __str__(self) -> str:
        """Return it in words."""
        return f"{self.deliveries} deliveries in {self.ways} ways"


LEVELS = tuple(
    starmap(
        Level, [(120, 5), (720, 6), (120, 4), (120, 5), (1920, 5), (720, 7), (720, 6), (720, 8)]
    )
)
"""The levels of a mirror's stories, one after the other, then from AGAIN_FROM on again.

120 are all orders of five deliveries, 720 of six, 1,920 are all orders of five in all splits.
"""
AGAIN_FROM = 2
REAL = 15  # seconds: with so many for a service all orders of six are tried, whatever they take
KINDS: Sequence[Kind] = ("tied", "deleted", "settled")
"""How the stories end, in turn; the first about a mirror tells of nothing else, if it can."""
REDUCING = 10  # seconds, for the divergences of one trial
AT_ONCE = 4  # stories of 120 ways, in one trial


class CannotProve(Exception):
    """There is no life for a mirror, or the stores hold what is not the proof's."""


def prove(context: Context, service: Integration, source: Source | None = None) -> Part:
    """Return what was tried for every mirror of a service, and what diverged.

    `source` tells the stories; without one it is looked up in simulator/lives.py. At least one
    story about every mirror is told, however little time there is. Raises CannotProve.
    """
    end = context.end()
    known = source or SOURCES.get(service.name)
    if known is None:
        raise CannotProve(f"nothing tells stories of {service.name}: see simulator/lives.py")
    check(service, known)
    tally = Tally(service.name)
    with stage(service, known) as place:
        if place.is_used():
            raise CannotProve(f"the schema {place.schema} or its inbox is in use: give empty ones")
        try:
            _try_all(context, place, tally, end)
        finally:
            place.clear()
    return tally.part()


def check(service: Integration, source: Source) -> None:
    """Return if each mirror has a life, with ids that can be copied. Raises CannotProve."""
    if missing := sorted(service.mirrors.keys() - source.lives.keys()):
        raise CannotProve(f"no life is given for {', '.join(missing)}: see simulator/life.py")
    for of in service.mirrors:
        if MARK not in str(source.lives[of].made(0).get("id")):
            raise CannotProve(f"the id that the life of {of} makes does not hold {MARK}")


def is_told(service: Integration) -> bool:
    """Return whether events tell of what is kept of it: what is only listed has no stories."""
    source = SOURCES.get(service.name)
    return source is None or any(not source.lives[of].listed for of in service.mirrors)


def _try_all(context: Context, place: Stage, tally: Tally, end: float) -> None:
    """Try stories while the time lasts; the first levels in any case, if there is a real budget."""
    owed = AGAIN_FROM if context.seconds >= REAL else 1
    for number, (turn, level, told) in enumerate(_trials(context, place)):
        begun = time.monotonic()
        if turn >= owed and begun + tally.cost(level.ways * len(told)) > end:
            if turn < len(LEVELS):
                tally.left_out[str(level)] = None
            continue  # a smaller one may still fit
        dice = context.dice(f"{place.service.name} trial {number}")
        found = trial(place, told, level.ways, dice)
        first = {d.copy.story.about: d for d in reversed(found.divergences)}
        late = time.monotonic() + REDUCING
        smallest = [reduced(place, d, LEVELS[0].ways, dice, late) for d in first.values()]
        tally.add(found, smallest, time.monotonic() - begun)
        context.say(f"{place.service.name}: {tally}")


def _trials(context: Context, place: Stage) -> Iterator[tuple[int, Level, Sequence[Story]]]:
    """Yield the turn, its level, and some of its stories: in each turn one about each mirror."""
    pools = [pool(context, place, of) for of in place.homes]
    for turn, level in enumerate(chain(LEVELS, cycle(LEVELS[AGAIN_FROM:]))):
        told = [
            some.take(level.deliveries, KINDS[(turn + n) % len(KINDS)], alone=turn == 0)
            for n, some in enumerate(pools)
            if some.stories
        ]
        if not told:
            return
        size = AT_ONCE if level.ways == LEVELS[0].ways else 1
        for start in range(0, len(told), size):
            yield turn, level, told[start : start + size]
