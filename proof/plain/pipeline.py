"""The plain pipeline in the place of ours: the same stores, tables, supervisor and budgets."""

import base64
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis

from local.program import Patience, Program
from local.supervisor import running
from proof.stack import Stack, stack

QUEUE, TAKEN = "events", "unacked"  # what waits, and what a worker has taken
_EVENT = re.compile(rb"evt_[a-z0-9]+_[0-9]+")
_QUIET = ("--without-gossip", "--without-mingle")


@contextmanager
def plain() -> Iterator[Stack]:
    """Run it. Raises TimeoutError if its receiver does not answer."""
    patience = Patience(first_pause=0.2, longest_pause=1, steady=1)
    with stack() as whole:
        whole.programs.stop()
        with running(_programs(whole), whole.folder / "plain", patience=patience) as programs:
            whole.programs = programs
            if whole.until(whole.ready, 60) is None:
                raise TimeoutError("the plain receiver is not ready")
            yield whole


def _programs(whole: Stack) -> list[Program]:
    folder = Path(sys.executable).parent
    gunicorn = [f"{folder}/gunicorn", "-c", "python:receiver.serve", "proof.plain.receiver:app"]
    celery = [f"{folder}/celery", "-A", "proof.plain.tasks", "worker", "--concurrency", "2"]
    return [
        Program("web", gunicorn, whole.variables),
        Program("worker", [*celery, *_QUIET], whole.variables),
    ]


def waiting(redis_url: str) -> set[str]:
    """Return the ids of all that Celery still has in Redis. Raises RedisError."""
    broker = redis_url.removesuffix("/0") + "/1"
    with Redis.from_url(broker, socket_timeout=5) as client:
        redis: Any = client
        messages = [json.loads(message) for message in redis.lrange(QUEUE, 0, -1)]
        messages += [json.loads(taken)[0] for taken in redis.hvals(TAKEN)]
    return {id for message in messages for id in named(base64.b64decode(message["body"]))}


def named(body: bytes) -> list[str]:
    """Return the ids of the events in it."""
    return [id.decode() for id in _EVENT.findall(body)]
