"""Stories told in many orders: each copy of a story in its own order, batches and repetitions."""

import random
from collections.abc import Callable, Sequence
from itertools import permutations, zip_longest

from integrations.interface import Delivery
from tests.worker.stories import drained, put

Story = list[Delivery]
Tell = Callable[[str], Story]
MOST = 120


def orders(length: int, seed: int) -> list[tuple[int, ...]]:
    """Return all orders of so many versions, or a sample of them."""
    found = list(permutations(range(length)))
    return found if len(found) <= MOST else random.Random(seed).sample(found, MOST)


def in_order(stories: Sequence[Story]) -> list[list[Delivery]]:
    """Return batches that tell each story from its beginning, one event at a time."""
    return [[d for d in step if d] for step in zip_longest(*stories)]


def shuffled(stories: Sequence[Story], seed: int) -> list[list[Delivery]]:
    """Return batches that tell the n-th story in the n-th order, with repetitions."""
    dice = random.Random(seed)
    ways = orders(len(stories[0]), seed)
    told = [_cut(_repeated([s[i] for i in way], dice), dice) for s, way in zip(stories, ways)]  # noqa: B905
    steps = list(zip_longest(*told, fillvalue=[]))
    return [[d for part in step for d in part] for step in steps]


def _repeated(story: Story, dice: random.Random) -> Story:
    told = list(story)
    for again in dice.sample(story, k=dice.randint(0, len(story))):
        told.insert(dice.randint(0, len(told)), again)
    return told


def _cut(story: Story, dice: random.Random) -> list[Story]:
    """Cut a story into one to all pieces, which come in different batches."""
    cuts = sorted(dice.sample(range(1, len(story)), k=dice.randint(0, len(story) - 1)))
    return [story[a:b] for a, b in zip([0, *cuts], [*cuts, len(story)], strict=True)]


def apply(batches: Sequence[Sequence[Delivery]], service: str) -> None:
    """Put and drain one batch after the other."""
    for batch in batches:
        put(*batch)
        drained(service)
