"""What can befall the system: processes killed, stores killed, hanging or full."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from local.server import Server
from proof.stack import Stack

BALLAST = "proof:ballast"
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that lasts some seconds; `mend` is what somebody beside Tallyman does at its end."""

    name: str
    strike: Callable[[Stack], int]
    """Returns how many processes it ended."""
    mend: Callable[[Stack], None] = lambda _: None
    seconds: float = 0.5


def _kill(processes: Sequence[psutil.Process]) -> int:
    killed = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
            killed += 1
    return killed


def _children(name: str) -> Callable[[Stack], int]:
    return lambda stack: _kill(stack.family(name)[:-1])


def _one_child(name: str) -> Callable[[Stack], int]:
    return lambda stack: _kill(stack.family(name)[:-1][:1])


def _main(name: str) -> Callable[[Stack], int]:
    return lambda stack: _kill(stack.family(name)[-1:])


def _kill_redis(stack: Stack) -> int:
    stack.stores.redis.process.kill()
    stack.stores.redis.process.wait()
    return 1


def _start_redis(stack: Stack) -> None:
    stack.stores.start_redis()


def _kill_postgres(stack: Stack) -> int:
    killed = _kill(_family(stack.stores.postgres))
    stack.stores.postgres.process.wait()
    return killed


def _start_postgres(stack: Stack) -> None:
    stack.stores.start_postgres()


def _family(server: Server) -> list[psutil.Process]:
    """Return a server's main process, and its others: each has a process group of its own."""
    with suppress(psutil.NoSuchProcess):
        main = psutil.Process(server.process.pid)
        return [main, *main.children(recursive=True)]
    return []


def _hold(server: Server) -> int:
    """Have it hang; it ends nobody."""
    for process in _family(server):
        with suppress(psutil.NoSuchProcess):
            process.suspend()
    return 0


def _let_go(server: Server) -> None:
    for process in _family(server):
        with suppress(psutil.NoSuchProcess):
            process.resume()


def _end_sessions(stack: Stack) -> int:
    query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
    with suppress(psycopg.Error):  # Postgres may be away in the storm
        return len(stack.sql(query, "tallyman"))
    return 0


def _fill_redis(stack: Stack) -> int:
    """Fill it from outside, as a neighbour does who shares the server."""
    with stack.redis() as redis:
        used = int(redis.info("memory")["used_memory"])
        redis.config_set("maxmemory", used + 16 * _MIB)
        with suppress(Exception):  # out of memory is what we want
            for _ in range(64):
                redis.append(BALLAST, b"." * _MIB)
        redis.config_set("maxmemory", int(redis.info("memory")["used_memory"]))
    return 0


def _empty_redis(stack: Stack) -> None:
    with stack.redis() as redis:
        redis.delete(BALLAST)
        redis.config_set("maxmemory", 512 * _MIB)


def _ballast(stack: Stack) -> Path:
    return stack.folder / "postgres" / "ballast"


def _fill_disk(stack: Stack) -> int:
    with _ballast(stack).open("wb") as file, suppress(OSError):  # the disk is full
        while True:
            file.write(b"\0" * _MIB)
    return 0


def _free_disk(stack: Stack) -> None:
    """Free it, and start Postgres again if it gave up, as its own supervisor would."""
    _ballast(stack).unlink()
    if stack.stores.postgres.process.poll() is not None:
        _start_postgres(stack)


PROCESSES = (
    Fault("a pool child is killed", _one_child("worker")),
    Fault("all pool children are killed", _children("worker")),
    Fault("the worker is killed", _main("worker")),
    Fault("the worker of retries is killed", _main("work")),
    Fault("a receiver process is killed", _one_child("web")),
    Fault("the receiver is killed", _main("web")),
    Fault("beat is killed", _main("beat")),
)
STORES = (
    Fault("Redis is killed, and comes back", _kill_redis, _start_redis, seconds=1),
    Fault("Postgres is killed, and comes back", _kill_postgres, _start_postgres, seconds=1),
    Fault("all database sessions are ended", _end_sessions),
    Fault(
        "Redis hangs",
        lambda s: _hold(s.stores.redis),
        lambda s: _let_go(s.stores.redis),
        seconds=4,
    ),
    Fault(
        "Postgres hangs",
        lambda s: _hold(s.stores.postgres),
        lambda s: _let_go(s.stores.postgres),
        seconds=4,
    ),
    Fault("Redis is full", _fill_redis, _empty_redis, seconds=4),
)
DISK = Fault("the disk of Postgres is full", _fill_disk, _free_disk, seconds=4)
