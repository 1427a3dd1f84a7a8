"""`tallyman effects`: what is done at other services; try it again, or close it."""

from typing import Any

import click

from db.models.effects import EFFECT_STATUSES
from tallyman.filters import AT_MOST, TARGET_NAMES, Command, Text, Time
from tallyman.groups import Group
from tallyman.printing import as_json, mapping, print_json, print_table, shown
from worker import effects as outbox
from worker.effects import GIVEN_UP, EffectFilter, Moved

_LISTED = ("id", "created_at", "target", "action", "entity", "status", "attempts")
_OPTIONS = (
    click.option("--target", type=TARGET_NAMES, help="To this target."),
    click.option("--action", type=Text(), help="Of this action."),
    click.option("--event", "event_id", type=Text(), help="Because of the event with this id."),
    click.option("--since", type=Time(), help="Asked for since: 2026-11-22T14:00, 15m, 2h, 7d."),
    click.option("--until", type=Time(), help="Asked for before."),
    click.option("--error", type=Text(), help="Whose error holds this text."),
    click.option("--id", type=int, help="With this id."),
)
_LIMIT = click.option(
    "--limit", type=AT_MOST, default=100, show_default=True, help="At most so many."
)
_ALL = click.option("--all", "all_", is_flag=True, help="All of them, up to the limit.")
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Only say which.")


def _filtered(command: Command) -> Command:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group("effects", cls=Group)
def effects() -> None:
    """Look at effects; redrive or discard those that are dead or held."""


@effects.command("list")
@_filtered
@click.option("--status", type=click.Choice(EFFECT_STATUSES), help="In this status.")
@_LIMIT
@as_json
def list_(limit: int, json_: bool, **options: Any) -> None:
    """List effects, newest first."""
    found = [mapping(row) for row in outbox.effects(EffectFilter(**options), limit)]
    if json_:
        print_json(found)
        return
    rows = [[*(e[name] for name in _LISTED), e["error"] or e["reason"]] for e in found]
    print_table("", [*_LISTED, "why"], rows)
    if any(e["status"] in GIVEN_UP for e in found):
        click.echo("Next: tallyman effects redrive --id ...  (or --target, --action, --error)")


@effects.command()
@click.argument("id", type=int)
@as_json
def show(id: int, json_: bool) -> None:
    """Show one effect, its payload too, which may hold personal data."""
    found = outbox.effects(EffectFilter(id=id), 1)
    if not found:
        raise click.ClickException(f"there is no effect {id}. Next: tallyman effects list")
    if json_:
        print_json(mapping(found[0]))
        return
    for name, value in mapping(found[0]).items():
        click.echo(f"{name:13} {shown(value)}")


@effects.command()
@_filtered
@click.option("--status", type=click.Choice(GIVEN_UP), help="Only what is dead, or held.")
@click.option("--may-repeat", is_flag=True, help="Even what may have been done already.")
@_ALL
@_LIMIT
@_DRY_RUN
@as_json
def redrive(
    all_: bool, limit: int, may_repeat: bool, dry_run: bool, json_: bool, **options: Any
) -> None:
    """Try what is dead again, and what is held at all, oldest first."""
    which = _demanded(options, all_=all_)
    moved = outbox.redrive(which, limit, may_repeat=may_repeat, dry_run=dry_run)
    _report(moved, "to be redriven" if dry_run else "redriven", json_=json_)


@effects.command()
@_filtered
@click.option("--status", type=click.Choice([*GIVEN_UP, "waiting"]), help="In this status.")
@click.option("--reason", type=Text(), required=True, help="Why nothing needs to be done.")
@_ALL
@_LIMIT
@_DRY_RUN
@as_json
def discard(
    reason: str, all_: bool, limit: int, dry_run: bool, json_: bool, **options: Any
) -> None:
    """Close what is dead or held; what waits, only with `--status waiting`."""
    which = _demanded(options, all_=all_)
    moved = outbox.discard(which, reason, limit, dry_run=dry_run)
    _report(moved, "to be discarded" if dry_run else "discarded", json_=json_)


def _demanded(options: dict[str, Any], *, all_: bool) -> EffectFilter:
    which = EffectFilter(**options)
    if not all_ and which == EffectFilter(status=which.status):
        raise click.UsageError("say which: --id, --target, --action, --error, --since ... or --all")
    return which


def _report(moved: Moved, what: str, *, json_: bool) -> None:
    """Print which effects a command took, and which ask for another word."""
    if json_:
        print_json(moved)
        return
    for id, target, action in moved.taken:
        click.echo(f"{id} {target} {action}")
    click.echo(f"{len(moved.taken)} {what}")
    if moved.unknown:
        click.echo(f"left alone, as they may have been done: {', '.join(map(str, moved.unknown))}")
        click.echo("Next: look at the service whether they were; if not, add --may-repeat")
