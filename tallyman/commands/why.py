"""`tallyman why`: which events, syncs and repairs made a row what it is, and what followed."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from tallyman.filters import Text
from tallyman.printing import as_json, print_json, print_table, shown
from worker import why as whys
from worker.why import Why


@click.command()
@click.argument("table", type=Text())
@click.argument("id_", metavar="ID", type=Text())
@click.option("--account", help="Of this account, or Clerk instance, where several have the id.")
@as_json
def why(table: str, id_: str, account: str | None, json_: bool) -> None:
    """Show why a row is as it is: what wrote it, column by column, and what followed.

    Of a set's member, such as a subscription item, the events are its parent's.
    """
    try:
        found = whys.row(table, id_, account)
    except (whys.UnknownError, whys.AmbiguousError) as error:
        raise click.ClickException(str(error)) from None
    if json_:
        print_json(asdict(found))
        return
    _print(found)


def _print(found: Why) -> None:
    whose = f" of {found.account}" if found.account else ""
    click.echo(f"{found.table} {found.id}{whose}")
    click.echo(f"written by {found.written_by}")
    for name in ("written_at", "deleted_at", "refetch_at"):
        if found.row[name]:
            click.echo(f"{name} {shown(found.row[name])}")
    for note in found.notes:
        click.echo(f"note: {note}")
    steps = [
        [s.clock or s.occurred_at, s.event_id, s.type, s.outcome, s.words] for s in found.events
    ]
    _table("events, by the time of what they tell", ("at", "event", "type", "is", "why"), steps)
    columns = [[c.name, c.event_id or c.by, c.since] for c in found.columns]
    _table("columns", ("column", "set by", "as of"), columns)
    listed(found.drift, "drift", ("found_at", "field", "cause", "repaired_at", "run_id"))
    listed(found.effects, "effects", ("id", "event_id", "target", "action", "status", "error"))


def listed(found: Sequence[Any], title: str, names: Sequence[str]) -> None:
    """Print some fields of what was found as a table, nothing where nothing was."""
    _table(title, names, [[one[name] for name in names] for one in found])


def _table(title: str, names: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    if rows:
        print_table(f"\n{title}", names, rows)
