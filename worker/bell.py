"""Doorbells: Celery messages without contents that say "there is work". Bounded, so losing or
doubling one is harmless.
"""

import json
from functools import cache

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from settings import settings
from telemetry import log
from worker.inbox import redis

_SHARED = "oauth.work"
_log = log(__name__)


@cache
def app() -> Celery:
    """Return an app that only sends, and gives up in a second: a caller may be a web request."""
    made = Celery("tallyman.bell", broker=settings().stores.redis_url, set_as_current=False)
    made.conf.broker_transport_options = {
        "socket_connect_timeout": 0.5,
        "socket_timeout": 1,
        "retry_on_timeout": False,
        "max_retries": 0,
    }
    return made


def queue_of(task: str) -> str:
    """Return the queue of a task: drains and upkeep have their own, the rest waits on others.

    >>> queue_of("stripe.drain"), queue_of("stripe.retry"), queue_of("upkeep.tick")
    ('stripe', 'stripe.work', 'upkeep')
    >>> queue_of("slack.oauth.refresh")  # a provider may be the team's own
    'oauth.work'
    """
    owner, _, name = task.partition(".")
    if name.startswith("oauth."):
        return _SHARED
    return owner if name == "drain" or owner == "upkeep" else f"{owner}.work"


def ring(task: str) -> bool:
    """Send the task unless enough of its doorbells wait; return whether one waits now.

    A ring that fails is logged, not raised: upkeep rings again.
    """
    try:
        if _waiting(task) < settings().inbox.doorbells:
            send(task)
    except (RedisError, OperationalError, OSError) as error:
        _log.warning("bell.failed", task=task, error=type(error).__name__)
        return False
    return True


def _waiting(task: str) -> int:
    """Return how many doorbells wait: of its queue, or of the task where providers share one."""
    queue = queue_of(task)
    if queue != _SHARED:
        return int(redis().llen(queue))
    name = json.dumps(task).encode()  # as it stands in a message
    return sum(name in bell for bell in redis().lrange(queue, 0, -1))


def send(task: str, expires: float | None = None) -> None:
    """Send the task by name; it is worth nothing after so many seconds.

    Raises kombu.exceptions.OperationalError, within a second or two.
    """
    app().send_task(task, queue=queue_of(task), retry=False, ignore_result=True, expires=expires)
