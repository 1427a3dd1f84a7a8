"""`tallyman erase`: forget a person."""

from dataclasses import dataclass
from getpass import getuser
from typing import Any

import click

from integrations import INTEGRATIONS
from tallyman.filters import Text
from tallyman.printing import as_json, mapping, print_json, print_table
from worker import erase as erasing
from worker.erase import Given, Outcome

_KINDS = ("clerk-user", "stripe-customer", "email")


@dataclass(frozen=True, slots=True)
class _Asked:
    yes: bool
    json: bool


@click.command()
@click.option("--clerk-user", metavar="ID", type=Text(), help="The user with this id at Clerk.")
@click.option("--stripe-customer", metavar="ID", type=Text(), help="The customer cus_...")
@click.option("--email", metavar="ADDRESS", type=Text(), help="Everybody with this address.")
@click.option("--yes", is_flag=True, help="Do it; without this only say what there is.")
@click.option("--returned", is_flag=True, help="List events that came about who was erased.")
@as_json
def erase(*, yes: bool, returned: bool, json_: bool, **given: str | None) -> None:
    """Forget a person: what is kept of them in the tables and in the archive.

    Delete them at the services first: what is still there is told again. It can be asked for again
    at any time, and goes on where it was cut short.
    """
    named = [Given(_kind(name), value) for name, value in given.items() if value]
    if returned and not named:
        _returned(json_=json_)
    elif len(named) == 1 and not returned:
        _one(named[0], _Asked(yes, json_))
    else:
        options = ", ".join(f"--{kind}" for kind in _KINDS)
        raise click.UsageError(f"say who: one of {options}; or --returned alone")


def _kind(name: str) -> Any:
    return name.replace("_", "-")


def _one(given: Given, asked: _Asked) -> None:
    try:
        found = erasing.erase(given, getuser()) if asked.yes else erasing.preview(given)
    except erasing.UnknownPersonError as error:
        raise click.ClickException(str(error)) from None
    except erasing.WaitingError as error:
        raise click.ClickException(f"{error}. Next: tallyman status, and again once none") from None
    _print(found, asked)
    if not found.whole:
        raise click.ClickException("something of it is being worked on: ask again in a minute")


def _print(found: Outcome, asked: _Asked) -> None:
    who = found.person
    ids = {service: sorted(ids) for service, ids in who.ids.items() if ids}
    if asked.json:
        told = {"ids": ids, "addresses": len(who.addresses), "counts": found.counts}
        done = {"erased": asked.yes, "erasure": found.id, "warnings": found.warnings}
        print_json(told | done)
        return
    for service, listed in ids.items():
        click.echo(f"{service} {' '.join(listed)}")
    click.echo(f"and what names {len(who.addresses)} addresses and telephone numbers of theirs")
    title = "erased" if asked.yes else "to be erased"
    print_table(title, ("what", "count"), list(found.counts.items()))
    for warning in found.warnings:
        click.echo(f"warning: {warning}")
    if not asked.yes:
        click.echo("Nothing was changed. Next: the same with --yes")


def _returned(*, json_: bool) -> None:
    found = [mapping(row) for row in erasing.returned(list(INTEGRATIONS))]
    if json_:
        print_json(found)
        return
    names = ("received_at", "service", "event_id", "type", "entity")
    print_table("", names, [[one[name] for name in names] for one in found])
