"""What can befall the system: processes killed, stores killed, hanging or full."""

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from local.server import Server
from proof.stack import Stack

BALLAST = "proof:ballast"
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that lasts some seconds; `mend` is what somebody beside Tallyman does at its end."""

    name: str
    strike: Callable[[Stack], None]
    mend: Callable[[Stack], None] = lambda _: None
    seconds: float = 0.5
    kills: bool = True


def _kill(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _children(name: str) -> Callable[[Stack], None]:
    return lambda stack: _kill(stack.family(name)[:-1])


def _one_child(name: str) -> Callable[[Stack], None]:
    return lambda stack: _kill(stack.family(name)[:-1][:1])


def _main(name: str) -> Callable[[Stack], None]:
    return lambda stack: _kill(stack.family(name)[-1:])


def _kill_redis(stack: Stack) -> None:
    stack.stores.redis.process.kill()
    stack.stores.redis.process.wait()


def _start_redis(stack: Stack) -> None:
    stack.stores.start_redis()


def _kill_postgres(stack: Stack) -> None:
    with suppress(ProcessLookupError):  # it may have ended by itself
        os.killpg(stack.stores.postgres.process.pid, signal.SIGKILL)
    stack.stores.postgres.process.wait()


def _start_postgres(stack: Stack) -> None:
    stack.stores.start_postgres()


def _signal_all(server: Server, number: int) -> None:
    main = psutil.Process(server.process.pid)
    for process in [main, *main.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _end_sessions(stack: Stack) -> None:
    stack.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tallyman'"
    )


def _fill_redis(stack: Stack) -> None:
    """Fill it from outside, as a neighbour does who shares the server."""
    with stack.redis() as redis:
        used = int(redis.info("memory")["used_memory"])
        redis.config_set("maxmemory", used + 16 * _MIB)
        with suppress(Exception):  # out of memory is what we want
            for _ in range(64):
                redis.append(BALLAST, b"." * _MIB)
        redis.config_set("maxmemory", int(redis.info("memory")["used_memory"]))


def _empty_redis(stack: Stack) -> None:
    with stack.redis() as redis:
        redis.delete(BALLAST)
        redis.config_set("maxmemory", 512 * _MIB)


def _ballast(stack: Stack) -> Path:
    return stack.folder / "postgres" / "ballast"


def _fill_disk(stack: Stack) -> None:
    with _ballast(stack).open("wb") as file, suppress(OSError):  # the disk is full
        while True:
            file.write(b"\0" * _MIB)


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
        lambda s: _signal_all(s.stores.redis, signal.SIGSTOP),
        lambda s: _signal_all(s.stores.redis, signal.SIGCONT),
        seconds=4,
        kills=False,
    ),
    Fault(
        "Postgres hangs",
        lambda s: _signal_all(s.stores.postgres, signal.SIGSTOP),
        lambda s: _signal_all(s.stores.postgres, signal.SIGCONT),
        seconds=4,
        kills=False,
    ),
    Fault("Redis is full", _fill_redis, _empty_redis, seconds=4, kills=False),
)
DISK = Fault("the disk of Postgres is full", _fill_disk, _free_disk, seconds=4, kills=False)
