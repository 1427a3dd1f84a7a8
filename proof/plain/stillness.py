"""The wait until a pipeline has done what it can: for both the same."""

import time
from collections.abc import Callable

import psycopg
from redis.exceptions import RedisError

from proof.looks import STREAM
from proof.plain.pipeline import waiting
from proof.stack import SCHEMA, Stack

STILL = 20  # seconds: more than the visibility timeout, and the time until it is looked at
LONGEST = 600  # seconds: what moves for so long, moves for ever
RESTARTS = 3
_LEDGER = f"SELECT status, count(*), sum(attempts) FROM {SCHEMA}.events GROUP BY 1 ORDER BY 1"


def still(stack: Stack, left: Callable[[], int]) -> float:
    """Wait until neither the ledger nor what is left changes; return how long they did.

    `left` raises RedisError while nobody can say: then nothing is still.
    """
    begun = changed = time.monotonic()
    state = None
    while time.monotonic() < min(changed + STILL, begun + LONGEST):
        stack.wait(0.5)
        now = _state(stack, left)
        if now is None or now != state:
            state, changed = now, time.monotonic()
    return changed - begun


def _state(stack: Stack, left: Callable[[], int]) -> object:
    try:
        return left(), stack.sql(_LEDGER)
    except (psycopg.Error, RedisError):
        return None


def ours(stack: Stack) -> float:
    """Wait for ours; return the seconds for which something moved."""

    def entries() -> int:
        with stack.redis() as redis:
            return int(redis.xlen(STREAM))

    return still(stack, entries)


def theirs(stack: Stack) -> tuple[float, int]:
    """Wait for the plain one; return the same, and how often its worker was restarted by hand.

    It is restarted where messages wait and nothing moves: an operator would, and what is then
    applied was not lost.
    """
    seconds, url = 0.0, stack.variables["REDIS_URL"]
    for restarts in range(RESTARTS + 1):
        seconds += still(stack, lambda: len(waiting(url)))
        if not waiting(url) or restarts == RESTARTS:
            return seconds, restarts
        for process in stack.family("worker"):
            process.kill()
    return seconds, RESTARTS
