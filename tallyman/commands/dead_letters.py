"""`tallyman dead-letters`: what was given up on; try it again, or close it."""

from typing import Any

import click

from tallyman.commands import redrives
from tallyman.commands.events import one, report
from tallyman.filters import AT_MOST, Command, Text, chosen, exactly_filtered, listing, restricts
from tallyman.groups import Group
from tallyman.printing import as_json, mapping, print_json, print_table, shown
from worker import dead_letters as dead
from worker import search

_LIMIT = click.option(
    "--limit", type=AT_MOST, default=100, show_default=True, help="At most so many."
)
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Only say which.")
_ALL = click.option("--all", "all_", is_flag=True, help="All dead letters, up to the limit.")


_STEPS = (
    click.option("--cause", type=Text(), help="Of this cause: see dead-letters causes."),
    click.option("--canary", is_flag=True, help="In steps; it halts where too many fail."),
    click.option(
        "--rate",
        type=click.FloatRange(min=0, min_open=True, max=1000),
        help="Of the rest, so many a second.  [default: CANARY_PER_SECOND]",
    ),
    click.option(
        "--halt-above",
        type=click.FloatRange(min=0, max=100),
        help="Halt where more of a step fail, in percent.  [default: CANARY_HALT_PERCENT]",
    ),
)


def _in_steps(command: Command) -> Command:
    for option in reversed(_STEPS):
        command = option(command)
    return command


@click.group("dead-letters", cls=Group)
def dead_letters() -> None:
    """Look at dead letters, redrive or discard those that are events."""


dead_letters.add_command(redrives.causes)
dead_letters.add_command(redrives.listed)


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
@_in_steps
@as_json
def redrive(  # noqa: PLR0917  click's, by name
    all_: bool,
    limit: int,
    dry_run: bool,
    cause: str | None,
    canary: bool,
    rate: float | None,
    halt_above: float | None,
    json_: bool,
    **options: Any,
) -> None:
    """Try dead letters again, oldest first, with all attempts before them.

    With --cause and --canary all of one cause, effects too: one, then ten, then the rest.
    """
    which = chosen(options)
    if canary or cause is not None:
        _demand_a_cause(cause, canary=canary, alone=not (all_ or restricts(which)))
        redrives.in_steps(
            cause or "", per_second=rate, halt_percent=halt_above, dry_run=dry_run, json_=json_
        )
        return
    _demand(all_ or restricts(which))
    keys = dead.redrive(which, limit, dry_run=dry_run)
    report(keys, "to be redriven" if dry_run else "redriven", json_=json_)


@dead_letters.command()
@exactly_filtered
@_ALL
@_LIMIT
@_DRY_RUN
@click.option("--cause", type=Text(), help="Of this cause, effects too: see dead-letters causes.")
@click.option("--reason", type=Text(), required=True, help="Why nothing needs to be done.")
@as_json
def discard(  # noqa: PLR0917  click's, by name
    cause: str | None,
    reason: str,
    all_: bool,
    limit: int,
    dry_run: bool,
    json_: bool,
    **options: Any,
) -> None:
    """Close dead letters without handling them; their bodies may be emptied later."""
    which = chosen(options)
    if cause is not None:
        if all_ or restricts(which):
            raise click.UsageError("with --cause it takes no other filter")
        redrives.close(cause, reason, limit, dry_run=dry_run, json_=json_)
        return
    _demand(all_ or restricts(which))
    keys = dead.discard(which, reason, limit, dry_run=dry_run)
    report(keys, "to be discarded" if dry_run else "discarded", json_=json_)


def _demand(said: bool) -> None:
    if not said:
        raise click.UsageError("say which: --id, --service, --type, --error, --since ... or --all")


def _demand_a_cause(cause: str | None, *, canary: bool, alone: bool) -> None:
    if cause is None or not canary or not alone:
        raise click.UsageError("in steps it takes --cause ID and --canary, and no other filter")
