"""`tallyman oauth`: the accounts of others that are connected, and the keys of their tokens."""

from collections.abc import Sequence

import click
from cryptography.fernet import Fernet

from integrations.errors import Deferred, Permanent, Transient
from integrations.oauth import refresh, rotation
from integrations.oauth import revoke as revoking
from integrations.oauth.interface import Locked, Provider
from integrations.oauth.providers import providers
from tallyman.commands.oauth_start import start
from tallyman.filters import Text
from tallyman.groups import Group
from tallyman.printing import as_json, mapping, print_json, print_table
from telemetry import describe
from worker.oauth import listed

_NAMED = 10  # connections that a message names
_NOT_RENEWED = "was not renewed: there is no refresh token, or somebody else is at it"
_LISTED = (
    *("service", "account", "status", "external_id", "expires_at", "last_refresh_at"),
    *("failures", "last_error_code", "connected_by"),
)


@click.group("oauth", cls=Group)
def oauth() -> None:
    """Connect accounts of others; look at connections, end them, change what encrypts them."""


oauth.add_command(start)


@oauth.command("list")
@click.option("--service", type=Text(), help="At this service.")
@as_json
def list_(service: str | None, json_: bool) -> None:
    """List connections: until when their tokens are good, and how renewing them went."""
    found = [mapping(row) for row in listed(service)]
    if json_:
        print_json(found)
        return
    print_table("", _LISTED, [[row[name] for name in _LISTED] for row in found])
    if any(row["status"] in {"exhausted", "revoked"} for row in found):
        click.echo("Next: have these connected again: tallyman oauth start SERVICE --account ...")


@oauth.command()
@click.argument("service")
@click.argument("account", type=Text())
@click.option("--anyway", is_flag=True, help="Forget the tokens even if the service does not.")
@as_json
def revoke(service: str, account: str, anyway: bool, json_: bool) -> None:
    """Have SERVICE take back what it gave us for ACCOUNT, and forget its tokens here."""
    try:
        done = revoking.revoke(_provider(service), account, anyway=anyway)
    except (Permanent, Transient, Deferred) as error:
        raise click.ClickException(
            f"{describe(error)}. Nothing was forgotten. Next: again, or with --anyway"
        ) from None
    if json_:
        print_json({"service": service, "account": account, "revoked": done})
    elif done:
        click.echo(f"{service} {account} is revoked")
    else:
        raise click.ClickException(f"{service} has no living connection {account}")


@oauth.command()
@click.argument("service")
@click.argument("account", type=Text())
@as_json
def retry(service: str, account: str, json_: bool) -> None:
    """Renew ACCOUNT's token at SERVICE now, though that was given up, or waits."""
    try:
        done = refresh.retry(service, account)
    except (Permanent, Transient, Deferred) as error:
        raise click.ClickException(f"{describe(error)}. Next: tallyman oauth list") from None
    if json_:
        print_json({"service": service, "account": account, "renewed": done})
    else:
        click.echo(f"{service} {account} {'is renewed' if done else _NOT_RENEWED}")


def _provider(service: str) -> Provider:
    if (provider := providers().get(service)) is None:
        raise click.UsageError(f"accounts can be connected at {', '.join(providers())}")
    return provider


@oauth.command("rotate-keys")
@as_json
def rotate_keys(json_: bool) -> None:
    """Encrypt all tokens with the first of ENCRYPTION_KEYS, while all else runs."""
    done, unreadable, left = _rotated()
    if json_:
        print_json({"rotated": done, "unreadable": unreadable, "left": left})
    else:
        click.echo(f"{done} connection(s) encrypted anew, {left} left")
    if unreadable:
        raise click.ClickException(
            f"none of ENCRYPTION_KEYS opens {_named(unreadable)}. Next: put their key back behind "
            "the others, and run this again; or revoke them with --anyway, and connect them again"
        )
    if left:
        raise click.ClickException(
            "others go on writing with an old key, or hold on to rows. Next: restart every process "
            "with the new key first, then run this again"
        )
    if not json_:
        click.echo(_ONCE_ALL_KNOW)


_ONCE_ALL_KNOW = (
    "Next: a process that was not restarted with the new key still writes with the old one. Once "
    "all were, run tallyman doctor: if none waits for the new key, the old ones may go"
)


def _rotated() -> tuple[int, list[tuple[str, str]], int]:
    """Return how many were encrypted anew, which could not be read, and how many are left."""
    done, unreadable = 0, dict[tuple[str, str], None]()
    try:
        for batch in rotation.rotate():
            done += batch.done
            unreadable |= dict.fromkeys(batch.unreadable)
            click.echo(f"{done} ...", err=True)
        return done, list(unreadable), rotation.left()
    except Locked as locked:
        raise click.ClickException(f"{locked}. {done} connection(s) were done") from None


def _named(places: Sequence[tuple[str, str]]) -> str:
    """Return the first of them, and how many more there are."""
    more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
    return ", ".join(f"{service} {account}" for service, account in places[:_NAMED]) + more


@oauth.command("new-key")
def new_key() -> None:
    """Print a key that ENCRYPTION_KEYS or OAUTH_LINK_KEY can have."""
    click.echo(Fernet.generate_key().decode())
