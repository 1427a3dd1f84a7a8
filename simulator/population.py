"""Customers by the thousand, and what happens to them: seeded, the same each time.

First there is what was `before` anybody listened: objects that no event tells of. Then comes their
`life`, in rounds of one second each: so the versions of an object are a second apart, but for the
few that are changed twice in one. Some things happen without an event.
"""

from collections.abc import Iterator
from operator import attrgetter

from simulator import population_clerk, population_stripe
from simulator.chronicle import ROUNDS, Step, Thrown

__all__ = ["ROUNDS", "Step", "Thrown", "before", "lives"]

_AT = attrgetter("at")
CUSTOMERS_A_TEAM = 7
"""To how many of Stripe's customers there is one organization at Clerk, of four people."""


def before(customers: int, thrown: Thrown) -> list[Step]:
    """Return what was before `now`, in its order of time."""
    return sorted((s for s in _steps(customers, thrown) if s.at < thrown.now), key=_AT)


def lives(customers: int, thrown: Thrown) -> list[Step]:
    """Return what happens from `now` on, in its order of time."""
    return sorted((s for s in _steps(customers, thrown) if s.at >= thrown.now), key=_AT)


def _steps(customers: int, thrown: Thrown) -> Iterator[Step]:
    yield from population_stripe.steps(customers, thrown)
    yield from population_clerk.steps(max(1, customers // CUSTOMERS_A_TEAM), thrown)
