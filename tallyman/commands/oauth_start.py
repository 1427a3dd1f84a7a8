"""`tallyman oauth start`: a link with which somebody connects an account."""

import getpass
import time
from datetime import UTC, datetime

import click

from integrations.oauth import flow, links, vault
from integrations.oauth.interface import Locked, Provider
from integrations.oauth.providers import providers
from settings import settings
from tallyman.printing import as_json, print_json, shown
from telemetry import describe

_MINUTES = click.IntRange(1, links.LONGEST // 60)


@click.command()
@click.argument("service")
@click.option("--account", required=True, help="What you call the account that is connected.")
@click.option("--label", default="", help="What its owner calls it.  [default: the same]")
@click.option("--by", help="Who connects it.  [default: who you are on this machine]")
@click.option("--minutes", type=_MINUTES, default=10, show_default=True, help="So long it is good.")
@as_json
def start(
    service: str, account: str, label: str, by: str | None, *, minutes: int, json_: bool
) -> None:
    """Print a link for a browser, good once, with which an account of SERVICE is connected."""
    provider = _ready(service)
    shape, until = settings().oauth, int(time.time()) + 60 * minutes
    link = links.new(service, account, by or getpass.getuser(), until, label)
    try:
        url = links.address(shape.oauth_public_url, link, shape.oauth_link_key.get_secret_value())
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    back = flow.redirect_uri(shape.oauth_public_url, service)
    good_until = datetime.fromtimestamp(until, UTC)
    if json_:
        print_json({"url": url, "until": good_until, "redirect_uri": back})
        return
    click.echo(url)
    click.echo(f"Good once, until {shown(good_until)}, to connect {account} at {provider.name}.")
    click.echo(f"{provider.name} is to know this redirect URI, to the letter: {back}")


def _ready(service: str) -> Provider:
    """Return the provider. Raises ClickException, saying what is to be set first."""
    provider = providers().get(service)
    if provider is None:
        raise click.UsageError(f"accounts can be connected at {', '.join(providers())}")
    if lacking := _lacking(provider):
        raise click.ClickException(f"{lacking}. Next: docs/oauth.md, .env.example")
    return provider


def _lacking(provider: Provider) -> str:
    shape = settings().oauth
    if (broken := provider.fault()) is not None:
        return f"{provider.name} cannot be used: {describe(broken)}"
    if not provider.on():
        return f"{provider.name} does not know us: its client id is not set"
    if not shape.oauth_public_url:
        return "OAUTH_PUBLIC_URL, the receiver's address for browsers, is not set"
    if len(shape.oauth_link_key.get_secret_value()) < links.SHORTEST_KEY:
        return f"OAUTH_LINK_KEY is not set, or shorter than {links.SHORTEST_KEY} characters"
    try:
        vault.key_id()
    except Locked as locked:
        return str(locked)
    return ""
