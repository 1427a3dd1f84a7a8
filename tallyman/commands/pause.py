"""`tallyman pause` and `resume`: stop applying a service's events, without losing any."""

import click

from tallyman.filters import SERVICES
from worker import bell, inbox


@click.command()
@click.argument("service", type=SERVICES)
def pause(service: str) -> None:
    """Stop applying a service's events; they are still accepted, and wait in Postgres."""
    inbox.pause(service)
    click.echo(f"{service} is paused. Next, when it may go on: tallyman resume {service}")


@click.command()
@click.argument("service", type=SERVICES)
def resume(service: str) -> None:
    """Apply a service's events again, what waited first."""
    inbox.resume(service)
    bell.ring(f"{service}.drain")
    click.echo(f"{service} goes on")
