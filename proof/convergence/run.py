"""Convergence: the same deliveries in any order, split and company end in the same, true rows."""

import time
from collections.abc import Iterator, Sequence
from itertools import chain, cycle

from integrations.interface import Integration
from proof.context import Context
from proof.convergence.stories import LENGTHS, drawn
from proof.convergence.story import Kind, Story, story
from proof.convergence.tally import Tally
from proof.convergence.tell import Stage, stage
from proof.convergence.trial import reduced, trial
from proof.report import Part
from simulator.life import MARK, Source
from simulator.lives import SOURCES

LEVELS = ((120, 5), (120, 5), (120, 6), (720, 6), (1920, 5), (720, 7), (720, 8))
"""(ways, deliveries) of a mirror's stories, one after the other, then from EXHAUSTIVE on again.

720 are all orders of six deliveries, 1,920 are all orders of five in all splits.
"""
EXHAUSTIVE = 3
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


def _try_all(context: Context, place: Stage, tally: Tally, end: float) -> None:
    """Try stories while the time lasts, but at least one about each mirror."""
    for number, (most, told) in enumerate(_trials(context, place)):
        begun = time.monotonic()
        if begun + tally.cost(most * len(told)) > end and len(tally.mirrors) == len(place.homes):
            continue  # a smaller one may still fit
        dice = context.dice(f"{place.service.name} trial {number}")
        found = trial(place, told, most, dice)
        first = {d.copy.story.about: d for d in reversed(found.divergences)}
        late = time.monotonic() + REDUCING
        smallest = [reduced(place, d, LEVELS[0][0], dice, late) for d in first.values()]
        tally.add(found, smallest, time.monotonic() - begun)
        context.say(f"{place.service.name}: {tally}")


def _trials(context: Context, place: Stage) -> Iterator[tuple[int, Sequence[Story]]]:
    """Yield how many ways to try, and of which stories: in turn about each mirror."""
    pools = [_pool(context, place, of) for of in place.homes]
    for level, (most, length) in enumerate(chain(LEVELS, cycle(LEVELS[EXHAUSTIVE:]))):
        turn = [
            pool.pop(_nearest(pool, length, KINDS[(level + n) % len(KINDS)], alone=level == 0))
            for n, pool in enumerate(pools)
            if pool
        ]
        if not turn:
            return
        size = AT_ONCE if most == LEVELS[0][0] else 1
        for start in range(0, len(turn), size):
            yield most, turn[start : start + size]


def _pool(context: Context, place: Stage, of: str) -> list[Story]:
    """Return different stories about an object type: more of them for more time."""
    dice = context.dice(f"{place.service.name} {of}")
    steps = drawn(place.source, of, 40 + int(context.seconds), dice.getrandbits(64))
    dice.shuffle(steps)
    told = [story(place.source, place.homes, of, some) for some in steps]
    return [one for one in told if len(one.told) in LENGTHS]


def _nearest(pool: Sequence[Story], length: int, kind: Kind, *, alone: bool) -> int:
    """Return which story is wanted most: alone if it shall be, of the kind, about so long."""

    def missed(number: int) -> tuple[bool, bool, int]:
        told = pool[number]
        return alone and not told.alone, told.kind != kind, abs(len(told.told) - length)

    return min(range(len(pool)), key=missed)
