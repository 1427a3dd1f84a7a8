"""The system that rehearses: the programs of the Procfile on stores of their own."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import requests
from redis import Redis

from local.server import free_port
from local.supervisor import Supervisor, running
from settings import ROOT
from tallyman.system import System, system

SCHEMA = "tallyman"
PATIENCE = 900  # seconds; only a failure takes that long
# the budgets in their order, but short: what a killed process held is soon free again
_SETTINGS = {
    "DATABASE_SCHEMA": SCHEMA,
    "TIME_SLICE_SECONDS": "1",
    "SOFT_LIMIT_SECONDS": "5",
    "HARD_LIMIT_SECONDS": "6",
    "RECLAIM_IDLE_SECONDS": "8",
    "VISIBILITY_TIMEOUT_SECONDS": "12",
    # the rehearsal says when what runs: by the schedule the first look at the log, and ties
    "SYNC_EVENTS_SECONDS": "86400",
    "SYNC_OBJECTS_SECONDS": "0",
    "SYNC_REFETCH_SECONDS": "5",
    "RECONCILE_HOURS": "0",
    "OUTWARD_HOURS": "0",
    # Stripe's own limit for testing is 25 a second: 10,000 customers' cards would take long
    "CALL_LIMITS": "stripe=500,clerk=500",
    "SENTRY_DSN": "",
    "LOG_LEVEL": "WARNING",
}
_UNSETTLED = "SELECT count(*) FROM tallyman.events WHERE status IN ('received', 'retrying')"


@dataclass(frozen=True, slots=True)
class Command:
    """A command of ours that runs, and what it prints."""

    process: subprocess.Popen[bytes]
    printed: Path
    complained: Path

    def ended(self) -> bool:
        """Return whether it does not run any more."""
        return self.process.poll() is not None

    def said(self) -> str:
        """Return what it printed."""
        return self.printed.read_text()

    def complaints(self) -> str:
        """Return what it said about how it went."""
        return self.complained.read_text()


@dataclass(frozen=True, slots=True)
class Whole:
    """What runs. Nothing comes back by itself but by poll(), as under a supervisor."""

    made: System
    programs: Supervisor
    logs: Path

    def until(self, what: Callable[[], object]) -> None:
        """Wait until it holds, under supervision. Raises TimeoutError."""
        end = time.monotonic() + PATIENCE
        while not what():
            if time.monotonic() > end:
                raise TimeoutError("it did not come true in time")
            self.programs.poll()
            time.sleep(0.05)

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query. Raises psycopg.Error."""
        url = self.made.variables["DATABASE_URL"]
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def settled(self) -> bool:
        """Return whether nothing waits in the inbox or the ledger."""
        with Redis.from_url(self.made.variables["REDIS_URL"], socket_timeout=5) as redis:
            waiting = sum(redis.xlen(f"tallyman:inbox:{name}") for name in ("stripe", "clerk"))
        return not waiting and self.sql(_UNSETTLED) == [(0,)]

    def tallyman(self, *words: str) -> Command:
        """Start the command."""
        environment = {**os.environ, **self.made.variables}  # noqa: TID251  handed on, not read
        printed, complained = (self.logs / f"{uuid4()}.{which}" for which in ("out", "err"))
        with printed.open("w") as out, complained.open("w") as err:
            command = [sys.executable, "-m", "tallyman", *words]
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=err)
        return Command(process, printed, complained)

    def ready(self) -> bool:
        """Return whether the receiver says that it can accept."""
        try:
            return requests.get(f"{self.made.receiver}/readyz", timeout=5).ok
        except requests.RequestException:
            return False


@contextmanager
def whole(given: Mapping[str, str]) -> Iterator[Whole]:
    """Run the system, with these settings among its own. Raises TimeoutError."""
    ports = {name: str(free_port()) for name in ("PORT", "FLOWER_PORT", "CONSOLE_PORT")}
    with (
        tempfile.TemporaryDirectory(prefix="tallyman-rehearsal-") as logs,
        system(None, _SETTINGS | ports | dict(given), alone=True) as made,
    ):
        programs = [
            program for program in made.programs if program.name not in {"flower", "console"}
        ]
        with running(programs, Path(logs)) as supervisor:
            found = Whole(made, supervisor, Path(logs))
            found.until(found.ready)
            yield found
