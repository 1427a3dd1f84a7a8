"""The ways to tell a story: its deliveries in an order, some of them again, cut into batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, permutations
from math import factorial
from random import Random

EXHAUSTIVE = 6
"""Of stories with so many deliveries all orders are tried; of longer ones a sample."""

Batches = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Way:
    """Numbers of deliveries, in batches. `split` says how the order was cut, before repetitions."""

    batches: Batches
    split: int = 0

    @property
    def order(self) -> tuple[int, ...]:
        """Return the order in which the deliveries come first: repetitions change nothing in it."""
        return tuple(dict.fromkeys(chain(*self.batches)))

    def __str__(self) -> str:
        """Return the batches as the reports show them: `2 0 | 1 2`."""
        return " | ".join(" ".join(map(str, batch)) for batch in self.batches)


def natural(length: int) -> Way:
    """Return the way in which nothing is out of order, repeated or batched."""
    return Way(tuple((number,) for number in range(length)))


def ways(length: int, most: int, dice: Random) -> list[Way]:
    """Return up to so many ways: each order before any comes again in another split.

    Every split stands beside as many orders as any other; repetitions come at random.
    """
    orders = list(_orders(length, most, dice))
    splits = list(range(2 ** (length - 1)))
    dice.shuffle(splits)
    # the number of orders is even, so that the second addend leads through all splits of an order
    pairs = [
        (orders[n % len(orders)], splits[(n + n // len(orders)) % len(splits)])
        for n in range(min(most, len(orders) * len(splits)))
    ]
    return [Way(_repeated(_cut(order, split), dice), split) for order, split in pairs]


def _orders(length: int, most: int, dice: Random) -> Iterator[Sequence[int]]:
    """Yield all orders or, if they are more than `most` or the story is long, a sample."""
    if length <= EXHAUSTIVE and factorial(length) <= most:
        yield from permutations(range(length))
        return
    sample: set[tuple[int, ...]] = set()
    while len(sample) < min(most, factorial(length)):
        sample.add(tuple(dice.sample(range(length), length)))
    yield from sorted(sample)


def _cut(order: Sequence[int], split: int) -> list[list[int]]:
    """Cut an order into batches; bit n of `split` says whether one ends behind place n."""
    batches: list[list[int]] = [[]]
    for place, number in enumerate(order):
        batches[-1].append(number)
        if split >> place & 1 and place < len(order) - 1:
            batches.append([])
    return batches


def _repeated(batches: list[list[int]], dice: Random) -> Batches:
    """Add some deliveries again, anywhere behind the first time: the order stays what it is."""
    told = list(chain(*batches))
    for number in dice.sample(told, k=dice.randint(0, len(told))):
        first = next(n for n, batch in enumerate(batches) if number in batch)
        chosen = dice.randrange(first, len(batches))
        batch = batches[chosen]
        start = batch.index(number) + 1 if chosen == first else 0
        batch.insert(dice.randint(start, len(batch)), number)
    return tuple(tuple(batch) for batch in batches)
