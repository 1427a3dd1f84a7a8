"""How long calls take, in buckets: as many as tell a service that is slow from one that is not."""

from bisect import bisect_left
from collections.abc import Mapping
from itertools import accumulate

_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds; a call is cut off a little later
BUCKETS = (*map(str, _BOUNDS), "+Inf")


def bucket(seconds: float) -> str:
    """Return the least bound that a call kept below.

    >>> bucket(0.05), bucket(0.06), bucket(60)
    ('0.05', '0.1', '+Inf')
    """
    return BUCKETS[bisect_left(_BOUNDS, seconds)]


def added_up(counted: Mapping[str, int]) -> list[tuple[str, float]]:
    """Return (bound, how many took no longer) of each bucket, as Prometheus has it."""
    numbers = accumulate(counted.get(bound, 0) for bound in BUCKETS)
    return [*zip(BUCKETS, map(float, numbers), strict=True)]
