"""What chance allows: the few lines of statistics that the signals rest on (pure)."""

from math import sqrt

_SURE = 3.0
"""Standard deviations: by chance alone one in 740 looks at a share would go beyond."""


def surely(failed: int, of: int) -> float:
    """Return the share that at least fails in the long run, if `failed` of so many did.

    The lower end of Wilson's score interval (1927), which holds for few trials too.
    """
    if not of:
        return 0.0
    share, square = failed / of, _SURE**2
    middle = share + square / (2 * of)
    spread = _SURE * sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max(0.0, (middle - spread) / (1 + square / of))
