"""The whole system under proof: its processes, and stores that can be killed and come back."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import psycopg
import requests
from redis import Redis

from local.program import Patience
from local.server import free_port
from local.supervisor import Supervisor, running
from proof.stores import Stores, place
from settings import ROOT
from tallyman.system import System, system

SCHEMA = "tallyman"
# the budgets in their order, but short: what a killed process held is soon reclaimed
SHORT = {
    "DATABASE_SCHEMA": SCHEMA,
    "HANDLERS": "proof.handlers",
    "BATCH_SIZE": "64",
    "TIME_SLICE_SECONDS": "0.5",
    "SOFT_LIMIT_SECONDS": "2",
    "HARD_LIMIT_SECONDS": "3",
    "RECLAIM_IDLE_SECONDS": "4",
    "VISIBILITY_TIMEOUT_SECONDS": "6",
    "REST_SECONDS": "0.5",
    "RETRY_FIRST_SECONDS": "0.2",
    "RETRY_LONGEST_SECONDS": "1",
    "RETRY_ATTEMPTS": "4",
    "STRIPE_API_KEY": "",
    "SENTRY_DSN": "",
    "LOG_LEVEL": "INFO",
}


class Stack:
    """A running system. Nothing comes back by itself but by poll(), as under a supervisor."""

    def __init__(self, folder: Path, stores: Stores, made: System, programs: Supervisor) -> None:
        self.folder, self.stores, self.system, self.programs = folder, stores, made, programs
        self.points = folder / "points"
        self.own_disk = os.path.ismount(folder / "postgres")
        self.variables = dict(made.variables)

    def poll(self) -> None:
        """Let the supervisor do its work, and a moment pass."""
        self.programs.poll()
        time.sleep(0.05)

    def until(self, what: Callable[[], object], seconds: float) -> float | None:
        """Return the seconds until it came true, None if it did not in that time."""
        start = time.monotonic()
        while time.monotonic() < start + seconds:
            if what():
                return time.monotonic() - start
            self.poll()
        return None

    def wait(self, seconds: float) -> None:
        """Let so much time pass, under supervision."""
        self.until(lambda: False, seconds)

    def arm(self, point: str) -> None:
        """Have the next process that reaches the point end there."""
        (self.points / point).touch()

    def disarm(self, point: str) -> None:
        """Let nobody end there."""
        (self.points / point).unlink(missing_ok=True)

    def struck(self, point: str) -> bool:
        """Return whether a process has ended at the point since it was armed."""
        return not (self.points / point).exists()

    def family(self, name: str) -> list[psutil.Process]:
        """Return a program's children, and itself at the end; nothing while it is down."""
        pid = self.programs.pid(name)
        try:
            main = psutil.Process(pid) if pid else None
            return [*main.children(recursive=True), main] if main else []
        except psutil.NoSuchProcess:
            return []

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query. Raises psycopg.Error."""
        url = self.variables["DATABASE_URL"]
        with psycopg.connect(url, connect_timeout=3, autocommit=True) as connection:
            cursor = connection.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def redis(self) -> Redis:
        """Return a client of the inbox's Redis."""
        return Redis.from_url(self.variables["REDIS_URL"], socket_timeout=5)

    def ready(self) -> bool:
        """Return whether the receiver says that it can accept."""
        try:
            return requests.get(f"{self.system.receiver}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    def tallyman(self, *words: str) -> int:
        """Run the command; return its exit code."""
        environment = {**os.environ, **self.variables}  # noqa: TID251  handed on, not read
        command = [sys.executable, "-m", "tallyman", *words]
        done = subprocess.run(
            command, env=environment, cwd=ROOT, check=False, capture_output=True, timeout=60
        )
        return done.returncode


@contextmanager
def stack(
    *, env: Mapping[str, str] | None = None, more: Mapping[str, str] | None = None
) -> Iterator[Stack]:
    """Run the system on stores of its own. `env` is for every process, `more` are settings."""
    with ExitStack() as closing:
        folder = place(closing)
        stores = Stores(folder, env or {})
        closing.callback(stores.stop)
        variables = _variables(folder, stores) | dict(more or {})
        made = closing.enter_context(system(None, variables, alone=True))
        programs = [
            replace(program, env={**program.env, **(env or {})})
            for program in made.programs
            if program.name not in {"flower", "console"}
        ]
        patience = Patience(first_pause=0.2, longest_pause=1, steady=1)
        run = running(programs, folder / "logs", patience=patience)
        whole = Stack(folder, stores, made, closing.enter_context(run))
        _make_tables(whole)
        if whole.until(whole.ready, 60) is None:
            raise TimeoutError(f"the receiver is not ready; its log is below {folder}")
        yield whole


def _variables(folder: Path, stores: Stores) -> dict[str, str]:
    return SHORT | {
        "DATABASE_URL": stores.postgres.url,
        "REDIS_URL": stores.redis.url,
        "FAULT_POINTS": str(folder / "points"),
        "PORT": str(free_port()),  # never the usual one: another proof may be about to take it too
        "FLOWER_PORT": str(free_port()),
        "CONSOLE_PORT": str(free_port()),
        "TALLYMAN_NO_ENV_FILES": "1",
    }


def _make_tables(whole: Stack) -> None:
    """Make the table that the proof's handlers write: no key in it that could hide a double."""
    whole.sql("CREATE TABLE IF NOT EXISTS public.proof_applied (id text NOT NULL, attempt int)")
