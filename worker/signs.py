"""What each worker says of itself while it lives: doctor holds it against the settings."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from worker.inbox import redis
from worker.pulse import ALIVE


@dataclass(frozen=True, slots=True)
class Sign:
    """How a worker runs. `budgets` are the times it works by, as `Inbox` has them."""

    queues: tuple[str, ...]
    pool: str
    prefetch: int
    late: bool
    budgets: tuple[float, ...]


def made(consumer: Any) -> str:
    """Return the sign of a Celery worker that is ready, which its consumer says."""
    conf = consumer.app.conf
    visible = conf.broker_transport_options["visibility_timeout"]
    sign = Sign(
        queues=tuple(sorted(consumer.app.amqp.queues.consume_from)),
        pool="threads" if threads(consumer) else "processes",
        prefetch=conf.worker_prefetch_multiplier,
        late=bool(conf.task_acks_late),
        budgets=(conf.task_soft_time_limit, conf.task_time_limit, visible),
    )
    return json.dumps(asdict(sign))


def threads(consumer: Any) -> bool:
    """Return whether its pool is one of threads."""
    return "thread" in type(consumer.pool).__module__


def signs() -> dict[str, Sign]:
    """Return what the living workers say, by name. Raises RedisError."""
    keys = sorted(redis().scan_iter(f"{ALIVE}*", count=1000))
    said: Any = redis().mget(keys) if keys else []
    read = {key.decode().removeprefix(ALIVE): _read(s) for key, s in zip(keys, said, strict=True)}
    return {name: sign for name, sign in read.items() if sign}


_FIELDS = {field.name for field in fields(Sign)}


def _read(sign: bytes | None) -> Sign | None:
    """Return a sign, None of what is none: during a deployment others say less, or more."""
    try:
        found = {k: v for k, v in json.loads(sign or b"").items() if k in _FIELDS}
        lists = {name: tuple(found[name]) for name in ("queues", "budgets")}
        return Sign(**found | lists)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
