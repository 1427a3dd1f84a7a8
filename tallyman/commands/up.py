"""`tallyman up`: the whole system on this machine, until interrupted."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from dotenv import dotenv_values

from integrations import INTEGRATIONS
from integrations.targets import TARGETS
from local.errors import NotStartedError
from local.lock import claimed
from local.server import write_private
from local.supervisor import supervise
from settings import DOTENV, ROOT, RUNNING, environment
from tallyman.system import CONSOLE_PASSWORD, System, system
from worker.handlers import BadHandlersError, refuse_collisions

FOLDER = ROOT / ".data"
INVENTED = FOLDER / "invented.env"


@click.command()
def up() -> None:
    """Run receiver, workers, beat, console and Flower, on embedded stores where none are set."""
    try:
        with _alone(FOLDER / "up.lock"):
            _run()
    except (NotStartedError, BadHandlersError) as error:
        sys.exit(f"error: {error}")


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Keep a second `up` away: it would take this one's notes for its own, and end them."""
    with ExitStack() as stack:
        try:
            stack.enter_context(claimed(lock))
        except NotStartedError:
            other = f"tallyman up runs already (process {lock.read_text()})"
            raise NotStartedError(other) from None
        yield


def _run() -> None:
    given = {name: value for name, value in environment((DOTENV,)).items() if value}
    if name := given.get("HANDLERS"):
        refuse_collisions(name)
    with system(FOLDER, {"LOG_FORMAT": "console"} | given, _before()) as made, _noted(made):
        _greet(made)
        os.chdir(ROOT)
        supervise(made.programs, FOLDER / "logs")


def _before() -> dict[str, str]:
    """Return what an earlier start invented and wrote down."""
    found = dotenv_values(INVENTED) if INVENTED.exists() else {}
    return {name: value for name, value in found.items() if value}


@contextmanager
def _noted(made: System) -> Iterator[None]:
    """Keep what was invented for the next start, and all for the commands of other terminals."""
    secrets = (f"{name.upper()}_WEBHOOK_SECRETS" for name in INTEGRATIONS)
    ports = ("PORT", "FLOWER_PORT", "CONSOLE_PORT")
    shared = ("DATABASE_URL", "REDIS_URL", *ports, "FLOWER_BASIC_AUTH", *secrets)
    _write(INVENTED, made.invented)
    _write(RUNNING, {name: made.variables[name] for name in shared})
    try:
        yield
    finally:
        RUNNING.unlink(missing_ok=True)


def _write(path: Path, variables: Mapping[str, str]) -> None:
    lines = (f'{name}="{value.translate(_QUOTED)}"\n' for name, value in variables.items())
    write_private(path, "".join(lines))


# Readers of the file put variables in for ${NAME}, and take \" for no end even behind a backslash.
# A variable without a name is never there, so that its default stands: ${:-$} is a dollar.
_QUOTED = str.maketrans({"$": "${:-$}", "\\": r"${:-\\}", '"': r"\"", "\n": r"\n", "\r": r"\r"})


def _effects() -> str:
    """Return which targets are called, and which are not set up."""
    on = [name for name, target in TARGETS.items() if target.on()]
    off = [name for name in TARGETS if name not in on]
    where = f"go to {', '.join(on)}" if on else "go nowhere"
    return f"{where}; not configured: {', '.join(off)}" if off else where


def _console_login(made: System) -> str:
    """Return how to sign in, where that was invented; what somebody set is not printed."""
    password = made.invented.get(CONSOLE_PASSWORD)
    return f"  (user tallyman, password {password})" if password else ""


def _greet(made: System) -> None:
    user, _, password = made.variables["FLOWER_BASIC_AUTH"].partition(":")
    click.echo(f"receiver  {made.receiver}  /readyz  /metrics")
    click.echo(f"          {'  '.join(f'/webhooks/{name}' for name in INTEGRATIONS)}")
    click.echo(f"effects   {_effects()}")
    click.echo(f"flower    {made.flower}  (user {user}, password {password})")
    click.echo(f"console   {made.console}{_console_login(made)}")
    click.echo(f"logs      {FOLDER / 'logs'}")
    click.echo("try       tallyman trigger stripe customer.subscription.updated")
    click.echo("          tallyman status")
    click.echo("Ctrl-C ends everything.\n")
