"""Redrives in steps, of the letters of one cause: begin one, look at them, halt one."""

import getpass
from collections.abc import Mapping
from typing import Any

import click

from tallyman.filters import ALL_NAMES, Text
from tallyman.groups import Group
from tallyman.printing import as_json, mapping, print_json, print_table
from worker import causes as causing
from worker import preview, redrives
from worker.causes import Cause
from worker.preview import Preview

_CAUSES = ("id", "kind", "service", "type", "count", "first", "last", "sample", "error")
_OF_ALL = ("waiting", "sent", "failing", "mended", "died", "superseded", "held", "skipped")


@click.command()
@click.option("--service", type=ALL_NAMES, help="Of this service, or to this target.")
@as_json
def causes(service: str | None, json_: bool) -> None:
    """List what dead letters died of: how many of each cause, since when, and one of them."""
    found = causing.causes(service)
    if json_:
        print_json(found)
        return
    print_table("", _CAUSES, [[getattr(one, name) for name in _CAUSES] for one in found])
    if found:
        click.echo("Next: tallyman dead-letters redrive --cause ID --canary  (--dry-run first)")


def in_steps(
    id: str, *, per_second: float | None, halt_percent: float | None, dry_run: bool, json_: bool
) -> None:
    """Begin a redrive in steps, or say what it would meet. Raises ClickException without one."""
    cause = _one(id)
    if dry_run:
        _say(preview.preview(cause), json_=json_)
        return
    begun = _begun(cause, per_second, halt_percent)
    if json_:
        print_json({"redrive": begun, "cause": cause})
        return
    click.echo(f"redrive {begun} of {cause.count} {cause.kind}(s) begins with one")
    click.echo("Next: tallyman dead-letters redrives")


def close(id: str, reason: str, limit: int, *, dry_run: bool, json_: bool) -> None:
    """Discard what is dead of a cause, or say how many. Raises ClickException without one."""
    cause = _one(id)
    done = min(cause.count, limit) if dry_run else redrives.discard(cause, reason, limit)
    if json_:
        print_json({"cause": cause, "discarded": 0 if dry_run else done})
        return
    click.echo(f"{done} of {cause.count} {cause.kind}(s) {'to be ' * dry_run}discarded")


def _one(id: str) -> Cause:
    if (cause := causing.cause(id)) is None:
        raise click.ClickException(
            f"there is no one cause {id}. Next: tallyman dead-letters causes"
        )
    return cause


def _begun(cause: Cause, per_second: float | None, halt_percent: float | None) -> int:
    try:
        return redrives.start(
            cause, per_second=per_second, halt_percent=halt_percent, by=getpass.getuser()
        )
    except redrives.AlreadyRunning as running:
        raise click.ClickException(f"{running}. Next: tallyman dead-letters redrives") from None


def _say(met: Preview, *, json_: bool) -> None:
    if json_:
        print_json(met)
        return
    click.echo(f"{met.cause.count} {met.cause.kind}(s): {met.cause.error}")
    click.echo(f"Of the oldest {met.looked_at}: {met.superseded} superseded, to be discarded;")
    click.echo(f"{met.may_repeat} left out, as they may have been done; {met.entities} entities")
    click.echo(f"First: {', '.join(met.oldest) or 'none'}")


@click.group("redrives", cls=Group, invoke_without_command=True)
@as_json
@click.pass_context
def listed(context: click.Context, json_: bool) -> None:
    """Show how redrives in steps get on, the newest first; halt one."""
    if context.invoked_subcommand:
        return
    found = [mapping(row) for row in redrives.listed()]
    if json_:
        print_json(found)
        return
    columns = (
        "id",
        "cause",
        "service",
        "type",
        "status",
        "step",
        "letters",
        "started_at",
        "reason",
    )
    print_table("", columns, [[_shown(run, name) for name in columns] for run in found])


def _shown(run: Mapping[str, Any], name: str) -> object:
    if name != "letters":
        return run[name]
    return " ".join(f"{status}={n}" for status in _OF_ALL if (n := run["counts"].get(status)))


@listed.command()
@click.argument("id", type=int)
@click.option("--reason", type=Text(), help="Why.")
def halt(id: int, reason: str | None) -> None:
    """Send no more letters of redrive ID. Those that were sent are tried on."""
    by = f"halted by {getpass.getuser()}"
    if not redrives.halt(id, f"{by}: {reason}" if reason else by):
        raise click.ClickException(f"redrive {id} is not running")
    click.echo(f"redrive {id} is halted; its waiting letters stay dead")
