"""The stories that a mirror's levels choose from, and how one is made exactly as long as wanted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from proof.context import Context
from proof.convergence.stories import LENGTHS, drawn
from proof.convergence.story import AGAIN, GONE, Kind, Step, Story, story
from proof.convergence.tell import Stage


@dataclass(frozen=True, slots=True)
class Pool:
    """Different stories about one object type; each is taken once."""

    stage: Stage
    stories: list[Story]

    def take(self, length: int, kind: Kind, *, alone: bool) -> Story:
        """Return a story of exactly so many deliveries, if any was drawn as long.

        Alone if it shall be, and of the kind, if there is one; what is longer is cut.
        """

        def missed(number: int) -> tuple[bool, bool, bool, bool, int]:
            told = self.stories[number]
            off = abs(len(told.told) - length)
            short, busy = len(told.steps) < length, alone and not told.alone
            return short, busy, off > 0, told.kind != kind, off

        chosen = self.stories.pop(min(range(len(self.stories)), key=missed))
        return self._exactly(chosen, length)

    def _exactly(self, told: Story, length: int) -> Story:
        """Return the beginning of the story; where it is too short, nothing is deleted in it."""
        steps = told.steps
        if len(told.told) < length:
            steps = tuple(replace(s, act=AGAIN) if s.act == GONE else s for s in steps)
        shorter = (_of(self.stage, told.about, steps[:n]) for n in range(length, len(steps) + 1))
        return next((one for one in shorter if len(one.told) == length), told)


def pool(context: Context, stage: Stage, of: str) -> Pool:
    """Return different stories about an object type: more of them for more time."""
    dice = context.dice(f"{stage.service.name} {of}")
    steps = drawn(stage.source, of, 40 + int(context.seconds), dice.getrandbits(64))
    dice.shuffle(steps)
    told = [_of(stage, of, some) for some in steps]
    return Pool(stage, [one for one in told if len(one.told) in LENGTHS])


def _of(stage: Stage, about: str, steps: Sequence[Step]) -> Story:
    return story(stage.source, stage.homes, about, steps)
