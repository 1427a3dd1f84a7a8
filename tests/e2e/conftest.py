"""The real processes of the Procfile, on stores of their own.

This file is read before the stores of other tests run, so it imports what reads the settings only
when it is used.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from local.supervisor import Supervisor
    from tallyman.system import System

Until = Callable[[str, Callable[[], object]], None]


@pytest.fixture(scope="session")
def whole() -> Iterator["System"]:
    """The system's stores and programs, the latter not started yet."""
    from tallyman.system import system

    given = {
        "HANDLERS": "tallyman.demo_handlers",
        "DATABASE_SCHEMA": "tallyman",
        "RETRY_FIRST_SECONDS": "0.2",
        # the budgets in their order, but short: what a killed worker held is soon reclaimed
        "TIME_SLICE_SECONDS": "1",
        "SOFT_LIMIT_SECONDS": "3",
        "HARD_LIMIT_SECONDS": "4",
        "RECLAIM_IDLE_SECONDS": "5",
        "VISIBILITY_TIMEOUT_SECONDS": "10",
        "SENTRY_DSN": "",
    }
    with system(None, given) as made:
        yield made


@pytest.fixture(scope="session")
def processes(whole: "System", tmp_path_factory: pytest.TempPathFactory) -> Iterator["Supervisor"]:
    """The system, running: who kills a process calls poll() for it to come back."""
    from local.supervisor import running

    folder: Path = tmp_path_factory.mktemp("logs")
    with running(whole.programs, folder) as supervisor:
        yield supervisor


@pytest.fixture(scope="session")
def until(processes: "Supervisor") -> Until:
    """Wait for a condition, with a bound that only a failure reaches."""

    def wait(what: str, condition: Callable[[], object]) -> None:
        end = time.monotonic() + 120
        while not condition():
            assert time.monotonic() < end, f"not within two minutes: {what}"
            processes.poll()
            time.sleep(0.05)

    return wait


@pytest.fixture
def ledger(whole: "System") -> Callable[[], dict[str, str]]:
    """Read the status of every event, by id."""

    def read() -> dict[str, str]:
        with psycopg.connect(whole.variables["DATABASE_URL"]) as connection:
            rows = connection.execute("SELECT event_id, status FROM tallyman.events").fetchall()
        return dict(rows)

    return read
