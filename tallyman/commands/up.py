"""`tallyman up`: the whole system on this machine, until interrupted."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from dotenv import dotenv_values

from integrations import INTEGRATIONS
from local.errors import NotStartedError
from local.supervisor import supervise
from settings import DOTENV, ROOT, RUNNING, environment
from tallyman.system import System, system

FOLDER = ROOT / ".data"
INVENTED = FOLDER / "invented.env"


@click.command()
def up() -> None:
    """Run receiver, workers, beat and Flower, on embedded stores where none are set."""
    given = _settled(environment((DOTENV,)))
    FOLDER.mkdir(exist_ok=True)
    try:
        with system(FOLDER, given) as made, _noted(made):
            _greet(made)
            os.chdir(ROOT)
            supervise(made.programs, FOLDER / "logs")
    except NotStartedError as error:
        sys.exit(f"error: {error}")


def _settled(given: Mapping[str, str]) -> dict[str, str]:
    """Return the settings, with what an earlier start invented and wrote down."""
    before = dotenv_values(INVENTED) if INVENTED.exists() else {}
    console = {"LOG_FORMAT": "console"}
    return console | {name: value or "" for name, value in before.items()} | dict(given)


@contextmanager
def _noted(made: System) -> Iterator[None]:
    """Keep what was invented for the next start, and for the commands of other terminals."""
    shared = ("DATABASE_URL", "REDIS_URL", "PORT", "FLOWER_PORT")
    kept = ("FLOWER_BASIC_AUTH", *(f"{name.upper()}_WEBHOOK_SECRETS" for name in INTEGRATIONS))
    _write(INVENTED, {name: made.variables[name] for name in kept})
    _write(RUNNING, {name: made.variables[name] for name in shared + kept})
    try:
        yield
    finally:
        RUNNING.unlink(missing_ok=True)


def _write(path: Path, variables: Mapping[str, str]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{name}='{value}'\n" for name, value in variables.items())


def _greet(made: System) -> None:
    user, _, password = made.variables["FLOWER_BASIC_AUTH"].partition(":")
    click.echo(f"receiver  {made.receiver}/webhooks/stripe  /webhooks/clerk  /readyz  /metrics")
    click.echo(f"flower    {made.flower}  (user {user}, password {password})")
    click.echo(f"logs      {FOLDER / 'logs'}")
    click.echo("try       tallyman trigger stripe customer.subscription.updated")
    click.echo("          tallyman status")
    click.echo("Ctrl-C ends everything.\n")
