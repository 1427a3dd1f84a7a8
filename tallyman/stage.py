"""What the demo plays on: the running system, and what can be done to it and seen of it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import psycopg
import requests
from psycopg.rows import dict_row

from local.supervisor import Supervisor
from simulator.sender import Sender
from simulator.story import Step
from tallyman.loopback import Loopback
from tallyman.system import System

SCHEMA = "tallyman_demo"
PATIENCE = 120  # seconds for one wait: machines can be slow, and only a failure takes that long
_NAMES = ("web", "worker", "work", "beat")
_BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Stage:
    """A running system, and the services that it calls."""

    made: System
    supervisor: Supervisor
    others: Loopback

    def ready(self) -> bool:
        """Return whether the receiver can accept."""
        try:
            return requests.get(f"{self.made.receiver}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    def until(self, what: str, condition: Callable[[], object]) -> None:
        """Wait until it holds. Raises SystemExit, with the logs, if it does not in time."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                logs = "\n".join(self.supervisor.log(n).read_text()[-3000:] for n in _NAMES)
                sys.exit(f"error: not within {PATIENCE} s: {what}\n{logs}")
            self.supervisor.poll()
            time.sleep(0.1)

    def send(self, step: Step) -> str:
        """Send a delivery; return the answer's status, and why it was refused."""
        secret = self.made.variables[f"{step.service.upper()}_WEBHOOK_SECRETS"]
        sender = Sender(self.made.receiver, step.service, secret.split(",")[0])
        answer = sender.send(step.body, event_id=step.id, age=step.age, forged=step.forged)
        reason = answer.json().get("error", "")
        return f"{answer.status_code} {reason}".strip()

    def commands(self, *lines: str, most: int | None = None) -> list[str]:
        """Run all at once; print what each said, so much of it, in their order; return it whole.

        Raises subprocess.CalledProcessError.
        """
        running = [(line, self._started(line.split())) for line in lines]
        return [self._said(line, process, most) for line, process in running]

    def _started(self, words: Sequence[str]) -> "subprocess.Popen[str]":
        given = {**self.made.variables, "LOG_LEVEL": "WARNING"}
        environment = {**os.environ, **given}  # noqa: TID251  handed on, not read
        ours = [sys.executable, "-m", "tallyman"] if words[0] == "tallyman" else [_BIN / words[0]]
        return subprocess.Popen(  # noqa: S603  our own commands
            [*ours, *words[1:]],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _said(self, line: str, process: "subprocess.Popen[str]", most: int | None) -> str:
        said, logged = process.communicate()
        if process.returncode:
            click.echo(logged, err=True)
            raise subprocess.CalledProcessError(process.returncode, line)
        cut = most is not None and len(said) > most
        click.echo(f"\n$ {line}\n{said[:most].rstrip()}{' ...' if cut else ''}")
        return said

    def query(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of a query, `{s}` in it being the schema."""
        url = self.made.variables["DATABASE_URL"]
        with psycopg.connect(url, row_factory=dict_row) as asked:
            return self._done(asked, query).fetchall()

    def change(self, statement: str) -> None:
        """Do and commit it, `{s}` in it being the schema."""
        with psycopg.connect(self.made.variables["DATABASE_URL"], row_factory=dict_row) as asked:
            self._done(asked, statement)

    def _done(
        self, asked: "psycopg.Connection[dict[str, Any]]", words: str
    ) -> "psycopg.Cursor[dict[str, Any]]":
        return asked.execute(words.replace("{s}", SCHEMA).encode())

    def ledger(self) -> dict[str, dict[str, Any]]:
        """Return the ledger by event id, '' for the one body of the story without an id."""
        rows = self.query("SELECT event_id, status, attempts, error, reason FROM {s}.events")
        return {_short(row["event_id"]): row for row in rows}


def _short(event_id: str) -> str:
    return "" if event_id.startswith("sha256:") else event_id
