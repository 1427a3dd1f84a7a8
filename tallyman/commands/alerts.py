"""`tallyman alerts`: what is broken, what was, and whether those who are to know are reached."""

from dataclasses import dataclass

import click

from integrations.errors import Deferred, Permanent, Transient
from tallyman.groups import Group
from tallyman.printing import as_json, print_json, print_table
from telemetry import describe
from worker.alerts.channels import Channel, channels
from worker.alerts.shown import Shown, latest

_LISTED = ("id", "opened", "service", "state", "why", "alarms", "over", "told", "next")
_WHERE = "set SLACK_WEBHOOK_URL, or SLACK_BOT_TOKEN and SLACK_CHANNEL, or SENTRY_DSN"


@click.group("alerts", cls=Group)
def alerts() -> None:
    """Show what is and was broken; send a test message to everybody who is told of it."""


@alerts.command("list")
@click.option("--all", "all_", is_flag=True, help="Those that are over, too.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@as_json
def list_(all_: bool, limit: int, json_: bool) -> None:
    """List incidents: why, since when, who was told, what to do; the newest first."""
    found = latest(limit, over=all_)
    if json_:
        print_json(found)
        return
    print_table("", _LISTED, [_line(incident) for incident in found])
    if not channels():
        click.echo(f"Nobody is told of these. Next: {_WHERE}")


def _line(incident: Shown) -> tuple[object, ...]:
    first = incident.reasons[0]
    more = f" (and {rest} more)" if (rest := len(incident.reasons) - 1) else ""
    return (
        incident.id,
        incident.opened_at,
        incident.service,
        incident.state,
        first.words + more,
        incident.alarms,
        incident.closed_at,
        ", ".join(_told(incident)),
        None if incident.closed_at else first.mend or first.look,
    )


def _told(incident: Shown) -> list[str]:
    return [
        told.channel if told.up_to_date else f"not {told.channel}: {told.error or 'soon'}"
        for told in incident.told
    ]


@dataclass(frozen=True, slots=True)
class _Tried:
    channel: str
    reached: bool
    why: str


@alerts.command()
@as_json
def test(json_: bool) -> None:
    """Send one message, marked as a test, to everybody who is told of incidents."""
    tried = [_try(channel) for channel in channels()]
    if json_:
        print_json(tried)
    for one in () if json_ else tried:
        click.echo(f"{one.channel}: {'reached' if one.reached else one.why}")
    if not tried:
        raise click.ClickException(f"nobody would be told. Next: {_WHERE}")
    if not all(one.reached for one in tried):
        raise SystemExit(1)


def _try(channel: Channel) -> _Tried:
    try:
        channel.test()
    except (Permanent, Transient, Deferred) as error:
        return _Tried(channel.name, reached=False, why=describe(error))
    return _Tried(channel.name, reached=True, why="")
