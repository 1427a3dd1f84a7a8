"""What is measured: stores of its own, and the programs as they run in production."""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import psutil

from local.program import Program
from local.server import free_port
from local.stores import stores
from local.supervisor import running

PATIENCE = 60  # seconds
SECRET = "whsec_bench"
_BIN = Path(sys.executable).parent


@contextmanager
def own_stores() -> Iterator[None]:
    """Start empty stores, AOF always, and name them in the environment that settings.py reads."""
    with stores(None) as found:
        os.environ["TALLYMAN_NO_ENV_FILES"] = "1"  # noqa: TID251  before anything of ours reads it
        os.environ |= import_module("settings").unset() | {  # noqa: TID251  nobody's keys
            "STRIPE_WEBHOOK_SECRETS": SECRET,
            "DATABASE_URL": found.database_url,
            "REDIS_URL": found.redis_url,
        }
        yield


def gunicorn(app: str) -> tuple[Program, int]:
    """Return a server of the receiver's kind, and its port."""
    port = free_port()
    command = [str(_BIN / "gunicorn"), "-c", "python:receiver.serve", app]
    return Program(app, command, {"PORT": str(port)}), port


def celery(app: str, *options: str) -> Program:
    """Return a worker of two processes. It is killed at the end: its stores go with it."""
    quiet = ("--without-gossip", "--without-mingle")
    command = [str(_BIN / "celery"), "-A", app, "worker", "-c2", *quiet, *options]
    return Program(app, command, stop_signal=signal.SIGKILL)


WORKER = celery("worker", "-Q", "stripe,clerk,upkeep")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a program and its children have used by now."""

    cpu_seconds: float
    rss_mib: float


class Running:
    """Programs that run, each known by its name."""

    def __init__(self, pids: dict[str, int]) -> None:
        self._pids = pids

    def usage(self, name: str) -> Usage:
        """Return what a program has used."""
        main = psutil.Process(self._pids[name])
        family = [main, *main.children(recursive=True)]
        times = [process.cpu_times() for process in family]
        rss = sum(process.memory_info().rss for process in family)
        return Usage(sum(t.user + t.system for t in times), rss / 2**20)


@contextmanager
def started(*programs: Program) -> Iterator[Running]:
    """Run the programs, which end with the block."""
    with (
        tempfile.TemporaryDirectory(prefix="tallyman-bench-") as folder,
        running(programs, Path(folder)) as supervisor,
    ):
        try:
            yield Running({program.name: supervisor.pid(program.name) or 0 for program in programs})
        except BaseException:
            for program in programs:
                print(f"--- {program.name}", supervisor.log(program.name).read_text()[-3000:])
            raise


def until(condition: Callable[[], object], pause: float = 0.01) -> None:
    """Wait until it holds."""
    give_up = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < give_up, "it did not come true in time"
        time.sleep(pause)
