"""`tallyman pause` and `resume`: leave a service alone, without losing anything."""

import click

from tallyman.filters import ALL_NAMES
from worker import pausing


@click.command()
@click.argument("service", type=ALL_NAMES)
def pause(service: str) -> None:
    """Stop applying a service's events and sending it effects; all of them wait in Postgres."""
    pausing.pause(service)
    click.echo(f"{service} is paused. Next, when it may go on: tallyman resume {service}")


@click.command()
@click.argument("service", type=ALL_NAMES)
def resume(service: str) -> None:
    """Apply a service's events and send it effects again, what waited first."""
    pausing.resume(service)
    click.echo(f"{service} goes on")
