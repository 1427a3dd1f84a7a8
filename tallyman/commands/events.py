"""`tallyman events`: what came, what became of it, and what was refused."""

from typing import Any

import click

from db.models.events import STATUSES
from tallyman.filters import SERVICES, chosen, filtered, restricts
from tallyman.printing import as_json, mapping, print_json, print_table, shown
from worker import dead_letters, refused, search
from worker.search import Filter

_LISTED = ("received_at", "service", "event_id", "type", "status", "attempts")


@click.group()
def events() -> None:
    """Look at events; apply past ones again."""


@events.command("list")
@filtered
@click.option("--status", type=click.Choice(STATUSES), help="In this status.")
@click.option("--limit", default=50, show_default=True, help="At most so many, newest first.")
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
@click.argument("event_id")
@click.option("--body", is_flag=True, help="Print the bytes as they came; they hold personal data.")
@as_json
def show(event_id: str, body: bool, json_: bool) -> None:
    """Show one event; the beginning of its id will do."""
    found = one(event_id)
    if body:
        content = search.body(found["service"], found["event_id"])
        if content is None:
            raise click.ClickException("its body is not kept (any more)")
        click.echo(content, nl=False)
    elif json_:
        print_json(found)
    else:
        for name, value in found.items():
            click.echo(f"{name:12} {shown(value)}")


def one(event_id: str, status: str | None = None) -> dict[str, Any]:
    """Return the event whose id begins so. Raises ClickException unless there is just one."""
    found = search.events(Filter(id=event_id, status=status), 3)
    exact: list[Any] = [row for row in found if row.event_id == event_id] or list(found)
    if not exact:
        kind = f"{status} event" if status else "event"
        raise click.ClickException(f"no {kind} begins with {event_id}. Next: tallyman events list")
    if len(exact) > 1:
        raise click.ClickException(f"several events begin with {event_id}: give more of the id")
    return dict(mapping(exact[0]))


@events.command()
@filtered
@click.option("--limit", default=100, show_default=True, help="At most so many, oldest first.")
@click.option("--dry-run", is_flag=True, help="Only say which.")
def replay(limit: int, dry_run: bool, **options: Any) -> None:
    """Apply past events again on purpose: handlers run again, rows end the same."""
    which = chosen(options)
    if not restricts(which):
        raise click.UsageError("say which: --id, --service, --type, --since ...")
    keys = dead_letters.replay(which, limit, dry_run=dry_run)
    report(keys, "to be replayed" if dry_run else "being replayed")


def report(keys: list[dead_letters.Key], what: str) -> None:
    """Print which events a command took, and how many."""
    for service, event_id in keys:
        click.echo(f"{service} {event_id}")
    click.echo(f"{len(keys)} {what}")


@events.command("refused")
@click.option("--service", type=SERVICES, help="Of this service.")
@click.option("--limit", default=50, show_default=True, help="At most so many, newest first.")
@as_json
def refused_(service: str | None, limit: int, json_: bool) -> None:
    """List the latest requests that were refused."""
    found = refused.latest(limit, service)
    if json_:
        print_json(found)
        return
    columns = ("time", "service", "endpoint", "reason", "address", "size", "headers")
    print_table("", columns, [[getattr(r, name) for name in columns] for r in found])
