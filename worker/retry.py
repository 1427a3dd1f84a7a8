"""When to try again, and when to give up: no clock, no queue, no database."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from settings import settings


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with full jitter; all times in seconds."""

    attempts: int = 16
    first: float = 2
    longest: float = 3600

    def wait(
        self,
        attempt: int,
        retry_after: float | None = None,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> float | None:
        """Return how long to wait after this attempt (the first is 1), None to give up.

        What the service asked for only lengthens the wait, and at most to `longest`.
        """
        if attempt >= self.attempts:
            return None
        backoff = uniform(0, min(self.longest, self.first * 2.0 ** min(attempt - 1, 60)))
        return max(backoff, min(retry_after or 0, self.longest))


def policy() -> RetryPolicy:
    """Return the policy that the settings ask for."""
    shape = settings().retry
    return RetryPolicy(shape.retry_attempts, shape.retry_first_seconds, shape.retry_longest_seconds)
