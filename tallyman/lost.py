"""What the demo shows of catching up: a webhook that never came is found in Stripe's own log."""

from collections.abc import Iterator

import click

from integrations.schema import JSON
from simulator.story_truth import LOST, ROW, TOLD
from tallyman.printing import print_table
from tallyman.stage import Stage

_HOUR = "UPDATE {s}.events SET received_at = received_at - interval '1 hour'"


def found(stage: Stage) -> list[str]:
    """Have an hour pass, and catch up with Stripe; return what was not as expected.

    Before that there is no time to catch up with: nothing is asked of the last minute.
    """
    click.echo("\nAn invoice was paid; the webhook that says so was never sent")
    stage.change(_HOUR)
    [said] = stage.commands("tallyman sync run stripe")
    stage.until("what was lost is applied", lambda: _status(stage) == "handled")
    stage.until("what follows from it is done", lambda: TOLD in set(_others(stage)))
    table, id, columns = ROW
    got = [{name: row[name] for name in columns} for row in _rows(stage)]
    rows = [(table, id, value, name, LOST) for row in got for name, value in row.items()]
    click.echo()
    print_table("The row", ("table", "id", "value", "column", "written by"), rows)
    return list(_wrong(said, got))


def _status(stage: Stage) -> object:
    return stage.ledger().get(LOST, {}).get("status")


def _others(stage: Stage) -> Iterator[tuple[str, str, str]]:
    for event in stage.others.posthog.events:
        yield "PostHog", event["event"], event["distinct_id"]


def _rows(stage: Stage) -> list[JSON]:
    table, id, _ = ROW
    wanted = f"(id, last_event_id) = ('{id}', '{LOST}')"
    return stage.query(f"SELECT * FROM {{s}}.{table} WHERE {wanted}")  # noqa: S608  ours


def _wrong(said: str, got: list[JSON]) -> Iterator[str]:
    table, _, columns = ROW
    if "1 fetched" not in said:
        yield f"the catch-up: wanted 1 fetched, got {said}"
    if got != [columns]:
        yield f"{table}: wanted {columns}, got {got}"
