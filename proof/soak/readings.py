"""What is read of the running system, every few seconds: processes, stores, tables."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import psutil
import psycopg
from redis.exceptions import RedisError

from proof.looks import DEAD_QUEUE, STREAM
from proof.soak.series import Kind, Reading
from proof.stack import SCHEMA, Stack

_MIB = 2**20
MEMORY = Kind("memory", "MiB", 1)
FILES = Kind("open files", "", 6)
THREADS = Kind("threads", "", 6)
CONNECTIONS = Kind("connections", "", 6)
ENTRIES = Kind("entries", "", 60)
SIZE = Kind("size", "MiB", 1)
ROWS = Kind("rows", "", 60)
EACH = Kind("size for each event", "bytes", 100)
PROGRAMS = ("web", "worker", "work", "beat")
RECYCLED = {"worker"}  # Celery ends a pool child after 1,000 tasks: their level counts, not a life
GROWING = {"events"}  # with the events: its size is divided by their number

_SIZES = f"""SELECT relname, pg_total_relation_size(oid) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = '{SCHEMA}'::regnamespace
    AND pg_relation_size(oid) > 0 AND relname <> 'alembic_version' ORDER BY relname"""


def readings(stack: Stack) -> list[Reading]:
    """Return what can be read now: of what is down, nothing."""
    found: list[Reading] = []
    for name in PROGRAMS:
        with suppress(psutil.NoSuchProcess):
            found += list(_program(name, stack.family(name)))
    with suppress(psycopg.Error):
        found += list(_database(stack))
    with suppress(RedisError), stack.redis() as redis:
        found += list(_redis(redis))
    return found


def _program(name: str, family: Sequence[psutil.Process]) -> Iterator[Reading]:
    """Yield the memory of each process, and of all what they hold open.

    Resident memory: that of one process does not depend on what its siblings share with it.
    """
    if not family:
        return
    *children, main = family
    yield Reading(f"{name} main process", MEMORY, _resident(main), main.pid)
    if name in RECYCLED and children:
        mean = sum(map(_resident, children)) / len(children)
        yield Reading(f"{name} child", MEMORY, mean)
    elif children:
        yield from (Reading(f"{name} child", MEMORY, _resident(p), p.pid) for p in children)
    yield Reading(name, FILES, sum(p.num_fds() for p in family), main.pid)
    yield Reading(name, THREADS, sum(p.num_threads() for p in family), main.pid)


def _resident(process: psutil.Process) -> float:
    return float(process.memory_info().rss / _MIB)


def _database(stack: Stack) -> Iterator[Reading]:
    ours = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tallyman'"
    yield Reading("Postgres", CONNECTIONS, stack.sql(ours)[0][0])
    for name, size in stack.sql(_SIZES):
        if name in GROWING:
            yield Reading(name, EACH, size / max(1, _count(stack, name)))
        else:
            yield Reading(name, SIZE, size / _MIB)
            yield Reading(name, ROWS, _count(stack, name))


def _count(stack: Stack, table: str) -> int:
    return int(stack.sql(f"SELECT count(*) FROM {SCHEMA}.{table}")[0][0])


def _redis(redis: Any) -> Iterator[Reading]:
    """Yield what it holds: the queue of the dead apart, which grows with them, up to its bound."""
    yield Reading("Redis", CONNECTIONS, redis.info("clients")["connected_clients"])
    dead = redis.memory_usage(DEAD_QUEUE, samples=0) or 0
    yield Reading("Redis", MEMORY, (redis.info("memory")["used_memory"] - dead) / _MIB)
    yield Reading("stream", ENTRIES, redis.xlen(STREAM))
    yield Reading("doorbells", ENTRIES, redis.llen("stripe") + redis.llen("stripe.work"))
