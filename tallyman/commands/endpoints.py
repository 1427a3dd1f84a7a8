"""`tallyman endpoints`: what a service is to send, and its endpoint, made or mended."""

from typing import Any
from urllib.parse import urlsplit

import click

from integrations.endpoints import ALL, Endpoint, Keeping
from integrations.senders import ENDPOINTS
from tallyman.printing import as_json, print_json
from worker import endpoint_checks
from worker.endpoint_checks import Compared


@click.command()
@click.argument("service", type=click.Choice(list(ENDPOINTS)))
@click.option("--url", help="Make or mend the endpoint of this address: https://...")
@as_json
def endpoints(service: str, url: str | None, json_: bool) -> None:
    """Show which events SERVICE is to send; compare its endpoints, make or mend one.

    The secret of a new one is printed once: services tell it then only.
    """
    types = endpoint_checks.wanted(service)
    done, made = _set(service, url, types) if url else ("", None)
    told = {
        "service": service,
        "types": types,
        "where": ENDPOINTS[service].where,
        "endpoints": [_told(one) for one in endpoint_checks.compared(service)],
        "done": done or None,
        "secret": made.secret if made else None,
    }
    if json_:
        print_json(told)
    else:
        _print(told, made)


def _set(service: str, url: str, types: list[str]) -> tuple[str, Endpoint | None]:
    """Make or mend the endpoint of an address; return what was done, and what was made."""
    keeping = ENDPOINTS[service].keeping
    if keeping is None:
        raise click.UsageError(f"{service} lets nobody make endpoints but by hand: leave out --url")
    _check(service, url, keeping)
    same = [e for e in keeping.listed() if e.url == url and e.api_version == keeping.api_version]
    if not same:
        made = keeping.make(url, types)
        return f"made {made.id}", made
    one = next((e for e in same if e.enabled), same[0])
    if one.enabled and not one.lacks(types):
        return f"{one.id} is in order", None
    keeping.mend(one, list(one.types) if ALL in one.types else sorted({*one.types, *types}))
    return f"mended {one.id}", None


def _check(service: str, url: str, keeping: Keeping) -> None:
    if not keeping.on():
        raise click.UsageError(f"{service} is not called: set its key first (.env.example)")
    if urlsplit(url).scheme != "https" or not urlsplit(url).path.endswith(f"/webhooks/{service}"):
        raise click.UsageError(f"--url is https://<your receiver>/webhooks/{service}")


def _told(one: Compared) -> dict[str, Any]:
    found = one.endpoint
    return {
        "id": found.id,
        "url": found.url,
        "enabled": found.enabled,
        "api_version": found.api_version,
        "lacks": one.lacks,
        "faults": one.faults,
    }


def _print(told: dict[str, Any], made: Endpoint | None) -> None:
    service = told["service"]
    click.echo(f"{service} is to send to https://<your receiver>/webhooks/{service}:")
    for type in told["types"] or ["what your handlers take"]:
        click.echo(f"  {type}")
    click.echo(f"Set in: {told['where']}")
    for one in told["endpoints"]:
        click.echo(f"{one['id']} {one['url']}: {', '.join(one['faults']) or 'in order'}")
    if told["done"]:
        click.echo(told["done"])
    if made:
        _print_secret(service, made)


def _print_secret(service: str, made: Endpoint) -> None:
    """Print the secret, and what is to be done with it."""
    variable = f"{service.upper()}_WEBHOOK_SECRETS"
    click.echo(f"Its secret, shown this once: {made.secret}")
    click.echo(f"Next: add it to {variable} (before the old one, if there is one: {variable}=new,")
    click.echo("old), restart the receiver, and then remove what this endpoint replaces.")
