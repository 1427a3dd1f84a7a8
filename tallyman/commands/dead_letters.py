"""`tallyman dead-letters`: what was given up on; try it again, or close it."""

from typing import Any

import click

from tallyman.commands.events import one, report
from tallyman.filters import AT_MOST, Text, chosen, exactly_filtered, listing, restricts
from tallyman.groups import Group
from tallyman.printing import as_json, mapping, print_json, print_table, shown
from worker import dead_letters as dead
from worker import search

_LIMIT = click.option(
    "--limit", type=AT_MOST, default=100, show_default=True, help="At most so many."
)
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Only say which.")
_ALL = click.option("--all", "all_", is_flag=True, help="All dead letters, up to the limit.")


@click.group("dead-letters", cls=Group)
def dead_letters() -> None:
    """Look at dead letters, redrive or discard those that are events."""


@dead_letters.command("list")
@listing
@_LIMIT
@as_json
def list_(limit: int, json_: bool, **options: Any) -> None:
    """List dead letters, events and effects, newest first."""
    found = [mapping(row) for row in search.dead_letters(chosen(options), limit)]
    if json_:
        print_json(found)
        return
    columns = ("died_at", "kind", "service", "id", "type", "attempts", "error")
    print_table("", columns, [[e[name] for name in columns] for e in found])
    kinds = {e["kind"] for e in found}
    if "event" in kinds:
        click.echo("Next: tallyman dead-letters redrive --id ...  (or --service, --type, --error)")
    if "effect" in kinds:
        click.echo("For effects: tallyman effects redrive --id ...  (or --target, --error)")


@dead_letters.command()
@click.argument("event_id", type=Text())
@as_json
def show(event_id: str, json_: bool) -> None:
    """Show one dead letter; the beginning of its id will do."""
    found = one(event_id, "dead")
    if json_:
        print_json(found)
        return
    for name, value in found.items():
        click.echo(f"{name:12} {shown(value)}")


@dead_letters.command()
@exactly_filtered
@_ALL
@_LIMIT
@_DRY_RUN
@as_json
def redrive(all_: bool, limit: int, dry_run: bool, json_: bool, **options: Any) -> None:
    """Try dead letters again, oldest first, with all attempts before them."""
    which = chosen(options)
    _demand(all_ or restricts(which))
    keys = dead.redrive(which, limit, dry_run=dry_run)
    report(keys, "to be redriven" if dry_run else "redriven", json_=json_)


@dead_letters.command()
@exactly_filtered
@_ALL
@_LIMIT
@_DRY_RUN
@click.option("--reason", type=Text(), required=True, help="Why nothing needs to be done.")
@as_json
def discard(
    reason: str, all_: bool, limit: int, dry_run: bool, json_: bool, **options: Any
) -> None:
    """Close dead letters without handling them; their bodies may be emptied later."""
    which = chosen(options)
    _demand(all_ or restricts(which))
    keys = dead.discard(which, reason, limit, dry_run=dry_run)
    report(keys, "to be discarded" if dry_run else "discarded", json_=json_)


def _demand(said: bool) -> None:
    if not said:
        raise click.UsageError("say which: --id, --service, --type, --error, --since ... or --all")
