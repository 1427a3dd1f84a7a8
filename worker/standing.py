"""How each integration stood at the last look, for /metrics: who reads it need not look again."""

from collections.abc import Mapping
from typing import Any

from worker.inbox import redis

KEY = "tallyman:health"
_KEPT = 120  # seconds: of a watch that stopped nothing is told
STATES = ("healthy", "degraded", "failing", "silent", "paused", "not configured")


def keep(states: Mapping[str, str]) -> None:
    """Keep the state of each. Raises RedisError."""
    values: dict[Any, Any] = dict(states)
    with redis().pipeline(transaction=True) as pipe:
        pipe.delete(KEY)
        if states:
            pipe.hset(KEY, mapping=values)
            pipe.expire(KEY, _KEPT)
        pipe.execute()


def kept() -> dict[str, str]:
    """Return the state of each at the last look, nothing if that is long ago. Raises RedisError."""
    found: Any = redis().hgetall(KEY)
    return {name.decode(): state.decode() for name, state in found.items()}
