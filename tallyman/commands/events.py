"""`tallyman events`: what came, what became of it, and what was refused."""

from dataclasses import asdict
from typing import Any

import click

from db.models.events import STATUSES
from tallyman.commands.why import listed
from tallyman.filters import AT_MOST, SERVICES, Text, chosen, exactly_filtered, filtered, restricts
from tallyman.groups import Group
from tallyman.printing import as_json, mapping, print_json, print_table, shown
from worker import dead_letters, refused, search, why
from worker.search import Filter
from worker.why import Story

_LISTED = ("received_at", "service", "event_id", "type", "status", "attempts")


@click.group(cls=Group)
def events() -> None:
    """Look at events; apply past ones again."""


@events.command("list")
@filtered
@click.option("--status", type=click.Choice(STATUSES), help="In this status.")
@click.option("--entity", type=Text(), help="About the object with this id: sub_..., user_...")
@click.option(
    "--limit", type=AT_MOST, default=50, show_default=True, help="At most so many, newest first."
)
@as_json
def list_(status: str | None, limit: int, json_: bool, **options: Any) -> None:
    """List events, newest first."""
    found = [mapping(row) for row in search.events(chosen(options, status), limit)]
    if json_:
        print_json(found)
        return
    rows = [[*(e[name] for name in _LISTED), e["error"] or e["reason"]] for e in found]
    print_table("", [*_LISTED, "why"], rows)


@events.command()
@click.argument("event_id", type=Text())
@click.option("--body", is_flag=True, help="Print the bytes as they came; they hold personal data.")
@as_json
def show(event_id: str, body: bool, json_: bool) -> None:
    """Show one event; the beginning of its id will do."""
    if body and json_:
        raise click.UsageError("--body or --json: the body is not ours, and may be no JSON")
    found = one(event_id)
    if body:
        content = search.body(found["service"], found["event_id"])
        if content is None:
            raise click.ClickException("its body is not kept (any more)")
        click.echo(content, nl=False)
    else:
        _print_event(found, json_=json_)


def _print_event(found: dict[str, Any], *, json_: bool) -> None:
    """Print an event with what became of it."""
    story = why.event(found["service"], found["event_id"])
    if json_:
        told = {name: v for name, v in asdict(story).items() if name not in found} if story else {}
        print_json(found | told)
        return
    for name, value in found.items():
        click.echo(f"{name:12} {shown(value)}")
    if story:
        _print_story(story)


def _print_story(story: Story) -> None:
    listed([asdict(one) for one in story.timeline], "timeline", ("at", "what", "words"))
    listed([asdict(one) for one in story.rows], "rows", ("table", "id", "state", "by"))
    if story.unread:
        click.echo(f"note: {story.unread}")
    listed(story.effects, "effects", ("id", "target", "action", "status", "error"))


def one(event_id: str, status: str | None = None) -> dict[str, Any]:
    """Return the event whose id begins so. Raises ClickException unless there is just one."""
    exactly, beginning = (
        Filter(exact_id=event_id, status=status),
        Filter(id=event_id, status=status),
    )
    found = search.events(exactly, 2) or search.events(beginning, 2)
    if not found:
        kind = f"{status} event" if status else "event"
        raise click.ClickException(f"no {kind} begins with {event_id}. Next: tallyman events list")
    if len(found) > 1:
        raise click.ClickException(f"several events begin with {event_id}: give more of the id")
    return dict(mapping(found[0]))


@events.command()
@exactly_filtered
@click.option(
    "--limit", type=AT_MOST, default=100, show_default=True, help="At most so many, oldest first."
)
@click.option("--dry-run", is_flag=True, help="Only say which.")
@as_json
def replay(limit: int, dry_run: bool, json_: bool, **options: Any) -> None:
    """Apply past events again on purpose: handlers run again, rows end the same."""
    which = chosen(options)
    if not restricts(which):
        raise click.UsageError("say which: --id, --service, --type, --since ...")
    keys = dead_letters.replay(which, limit, dry_run=dry_run)
    report(keys, "to be replayed" if dry_run else "being replayed", json_=json_)


def report(keys: list[dead_letters.Key], what: str, *, json_: bool) -> None:
    """Print which events a command took, and how many."""
    if json_:
        print_json([{"service": service, "event_id": event_id} for service, event_id in keys])
        return
    for service, event_id in keys:
        click.echo(f"{service} {event_id}")
    click.echo(f"{len(keys)} {what}")


@events.command("refused")
@click.option("--service", type=SERVICES, help="Of this service.")
@click.option(
    "--limit", type=AT_MOST, default=50, show_default=True, help="At most so many, newest first."
)
@as_json
def refused_(service: str | None, limit: int, json_: bool) -> None:
    """List the latest requests that were refused."""
    found = refused.latest(limit, service)
    if json_:
        print_json(found)
        return
    columns = ("time", "service", "endpoint", "reason", "words", "address", "size", "headers")
    print_table("", columns, [[getattr(r, name) for name in columns] for r in found])
