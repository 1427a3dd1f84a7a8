"""`tallyman pause` and `resume`: leave a service alone, without losing anything."""

import click

from integrations import INTEGRATIONS
from integrations.targets import TARGETS
from tallyman.filters import ALL_NAMES
from worker import bell, inbox


@click.command()
@click.argument("service", type=ALL_NAMES)
def pause(service: str) -> None:
    """Stop applying a service's events and sending it effects; all of them wait in Postgres."""
    inbox.pause(service)
    click.echo(f"{service} is paused. Next, when it may go on: tallyman resume {service}")


@click.command()
@click.argument("service", type=ALL_NAMES)
def resume(service: str) -> None:
    """Apply a service's events and send it effects again, what waited first."""
    inbox.resume(service)
    if service in INTEGRATIONS:
        bell.ring(f"{service}.drain")
    if service in TARGETS:
        bell.ring(f"{service}.deliver")
    click.echo(f"{service} goes on")
