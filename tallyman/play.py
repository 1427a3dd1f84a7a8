"""The story, played on a running system: sent, waited for, shown and judged."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import click
import psycopg
import requests
from psycopg.rows import dict_row

from local.supervisor import Supervisor
from simulator import story
from simulator.sender import Sender
from simulator.story import Step
from tallyman.printing import print_table
from tallyman.system import System

SCHEMA = "tallyman_demo"
PATIENCE = 120  # seconds for one wait: machines can be slow, and only a failure takes that long


@dataclass(frozen=True, slots=True)
class Demo:
    """A running system, and the story that is played on it."""

    made: System
    supervisor: Supervisor

    def play(self) -> list[str]:
        """Play the story and print it; return what was not as expected."""
        self._until("the receiver is ready", self._ready)
        now = int(time.time())
        sent = [(step, self._send(step)) for step in story.before(now)]
        self._until("everything is settled", lambda: self._settled(sent))
        self._print("What was sent, and what became of it", sent)
        more = [(step, self._send(step)) for step in story.after(now)]
        self._until("the product is there", lambda: self._settled([*sent, *more]))
        self._command("dead-letters", "redrive", "--id", "evt_price")
        sent = [(_redriven(step), answer) for step, answer in sent]
        self._until("the redriven event is settled", lambda: self._settled([*sent, *more]))
        self._print("After its product came, the dead letter was redriven", [*more, *sent[-1:]])
        self._print_rows()
        self._print_refusals()
        return [*self._wrong([*sent, *more]), *self._wrong_rows()]

    def _ready(self) -> bool:
        try:
            return requests.get(f"{self.made.receiver}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    def _until(self, what: str, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                logs = "\n".join(self.supervisor.log(n).read_text()[-3000:] for n in _NAMES)
                sys.exit(f"error: not within {PATIENCE} s: {what}\n{logs}")
            self.supervisor.poll()
            time.sleep(0.1)

    def _send(self, step: Step) -> str:
        secret = self.made.variables[f"{step.service.upper()}_WEBHOOK_SECRETS"]
        sender = Sender(self.made.receiver, step.service, secret.split(",")[0])
        answer = sender.send(step.body, event_id=step.id, age=step.age, forged=step.forged)
        reason = answer.json().get("error", "")
        return f"{answer.status_code} {reason}".strip()

    def _command(self, *arguments: str) -> str:
        environment = {**os.environ, **self.made.variables}  # noqa: TID251  handed on, not read
        command = [sys.executable, "-m", "tallyman", *arguments]
        click.echo(f"\n$ tallyman {' '.join(arguments)}")
        done = subprocess.run(  # noqa: S603  our own command
            command, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
        click.echo(done.stdout, nl=False)
        return done.stdout

    def _query(self, query: str) -> list[dict[str, Any]]:
        with psycopg.connect(self.made.variables["DATABASE_URL"], row_factory=dict_row) as asked:
            return asked.execute(query).fetchall()

    def _ledger(self) -> dict[str, dict[str, Any]]:
        columns = "event_id, status, attempts, error, reason"
        rows = self._query(f"SELECT {columns} FROM {SCHEMA}.events")  # noqa: S608  ours
        return {_short(row["event_id"]): row for row in rows}

    def _settled(self, sent: Iterable[tuple[Step, str]]) -> bool:
        ledger = self._ledger()
        found = [ledger.get(step.id) for step, _ in sent if step.stored]
        return all(row and row["status"] not in {"received", "retrying"} for row in found)

    def _print(self, title: str, sent: Iterable[tuple[Step, str]]) -> None:
        ledger, seen, rows = self._ledger(), set[str](), []
        for step, answer in sent:
            row = ledger.get(step.id, {}) if step.stored else {}
            outcome = "duplicate" if step.id in seen and row else row.get("status", "refused")
            why = row.get("error") or row.get("reason")
            rows.append([step.what, step.id, answer, outcome, row.get("attempts"), why])
            seen.add(step.id)
        click.echo()
        print_table(title, ("what", "event", "answer", "outcome", "attempts", "why"), rows)

    def _print_rows(self) -> None:
        shown = [
            [table, id, row[column], column, row["last_event_id"]]
            for table, (id, columns) in story.ROWS.items()
            for row in self._rows(table, id)
            for column in columns
        ]
        click.echo()
        print_table("The rows", ("table", "id", "value", "column", "written by"), shown)

    def _print_refusals(self) -> None:
        self._command("events", "refused")

    def _rows(self, table: str, id: str) -> list[dict[str, Any]]:
        return self._query(f"SELECT * FROM {SCHEMA}.{table} WHERE id = '{id}'")  # noqa: S608  ours

    def _wrong(self, sent: Iterable[tuple[Step, str]]) -> list[str]:
        ledger = self._ledger()
        return [
            f"{step.what}: wanted {wanted}, got {got}"
            for step, answer in sent
            for wanted, got in _judged(step, answer, ledger.get(step.id, {}))
            if wanted != got
        ]

    def _wrong_rows(self) -> list[str]:
        return [
            f"{table}: wanted one row with {columns}, got {found}"
            for table, (id, columns) in story.ROWS.items()
            for found in [[{c: row[c] for c in columns} for row in self._rows(table, id)]]
            if found != [columns]
        ]


_NAMES = ("web", "worker", "work", "beat")


def _redriven(step: Step) -> Step:
    return Step(step.what, step.service, step.body) if step.id == "evt_price" else step


def _short(event_id: str) -> str:
    """Return '' for the body without an id, of which the story has one."""
    return "" if event_id.startswith("sha256:") else event_id


def _judged(step: Step, answer: str, row: Mapping[str, Any]) -> list[tuple[object, object]]:
    if not step.stored:
        return [(step.answer, answer), ({}, row)]
    return [
        (step.answer, answer),
        (step.status, row.get("status")),
        (step.attempts, row.get("attempts")),
    ]
