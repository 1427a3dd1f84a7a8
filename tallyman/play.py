"""The story, played on a running system: sent, waited for, shown and judged."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import click

from simulator import story, story_truth
from simulator.story import Step
from tallyman import consequences, lost
from tallyman.printing import print_table
from tallyman.stage import Stage

Sent = list[tuple[Step, str]]


@dataclass(frozen=True, slots=True)
class Demo:
    """The story, on a stage."""

    stage: Stage

    def play(self) -> list[str]:
        """Play the story and print it; return what was not as expected."""
        self.stage.until("the receiver is ready", self.stage.ready)
        now = int(time.time())
        story_truth.put(self.stage.others.services.stripe.store, now)
        sent = self._told(story.beginning(now))
        consequences.ask(self.stage)
        sent += self._told(story.middle(now))
        self._print("What was sent, and what became of it", sent)
        more = self._told(story.end(now))
        self.stage.commands("tallyman dead-letters redrive --id evt_price")
        sent = [(_redriven(step), answer) for step, answer in sent]
        self._settle([*sent, *more])
        self._print("After its product came, the dead letter was redriven", [*more, *sent[-1:]])
        self._print_rows()
        return [
            *self._wrong([*sent, *more]),
            *self._wrong_rows(),
            *consequences.follow(self.stage, sent),
            *lost.found(self.stage),
        ]

    def _told(self, steps: Iterable[Step]) -> Sent:
        """Send deliveries, and wait until all that was accepted is settled."""
        sent = [(step, self.stage.send(step)) for step in steps]
        self._settle(sent)
        return sent

    def _settle(self, sent: Sent) -> None:
        self.stage.until("everything is settled", lambda: self._settled(sent))

    def _settled(self, sent: Sent) -> bool:
        ledger = self.stage.ledger()
        found = [(step, ledger.get(step.id)) for step, _ in sent if step.stored]
        return all(row and row["status"] not in {"received", "retrying"} for _, row in found)

    def _print(self, title: str, sent: Sent) -> None:
        ledger, seen, rows = self.stage.ledger(), set[str](), []
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

    def _rows(self, table: str, id: str) -> list[dict[str, Any]]:
        return self.stage.query(f"SELECT * FROM {{s}}.{table} WHERE id = '{id}'")  # noqa: S608  ours

    def _wrong(self, sent: Sent) -> list[str]:
        ledger = self.stage.ledger()
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


def _redriven(step: Step) -> Step:
    return Step(step.what, step.service, step.body) if step.id == "evt_price" else step


def _judged(step: Step, answer: str, row: Mapping[str, Any]) -> list[tuple[object, object]]:
    if not step.stored:
        return [(step.answer, answer), ({}, row)]
    return [
        (step.answer, answer),
        (step.status, row.get("status")),
        (step.attempts, row.get("attempts")),
    ]
