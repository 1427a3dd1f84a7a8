"""The whole system on one machine: the Procfile's programs, on embedded stores and free ports."""

import errno
import os
import secrets
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import psycopg
from psycopg import sql

from console.passwords import hashed
from integrations import INTEGRATIONS
from local.errors import NotStartedError
from local.program import Program
from local.server import free_port
from local.stores import stores
from settings import ROOT, environment, unset

PROCFILE = ROOT / "Procfile"
_ALONE = {**unset(), "TALLYMAN_NO_ENV_FILES": "1"}
_DOORS = {
    "PORT": ("HOST", 8000),
    "FLOWER_PORT": ("FLOWER_ADDRESS", 5555),
    "CONSOLE_PORT": ("CONSOLE_ADDRESS", 8001),
}
CONSOLE_PASSWORD = "CONSOLE_PASSWORD"  # noqa: S105  the name under which an invented one is kept


@dataclass(frozen=True, slots=True)
class System:
    """What is about to run: the programs, with the variables that all of them get.

    `invented` are those of the variables that nobody gave.
    """

    variables: Mapping[str, str]
    programs: tuple[Program, ...]
    invented: Mapping[str, str]

    @property
    def receiver(self) -> str:
        """Return the receiver's URL."""
        return f"http://127.0.0.1:{self.variables['PORT']}"

    @property
    def flower(self) -> str:
        """Return Flower's URL."""
        return f"http://127.0.0.1:{self.variables['FLOWER_PORT']}"

    @property
    def console(self) -> str:
        """Return the console's URL."""
        return f"http://127.0.0.1:{self.variables['CONSOLE_PORT']}"


@contextmanager
def system(
    folder: Path | None,
    given: Mapping[str, str],
    before: Mapping[str, str] | None = None,
    *,
    alone: bool = False,
) -> Iterator[System]:
    """Start the stores that are not given, migrate, and yield what is to run on them.

    `given` are settings that somebody made, empty ones apart; `before` is what was invented the
    last time. Without a folder the stores are empty, and temporary. `alone`: settings of the
    environment do not count, so that nobody's keys are used. Raises local.errors.NotStartedError,
    or SystemExit where the tables cannot be made.
    """
    given = {name: value for name, value in given.items() if value}
    invented, ports = _invented(given, before or {}), _ports(given)
    urls = {"database_url": given.get("DATABASE_URL"), "redis_url": given.get("REDIS_URL")}
    with stores(folder, **urls) as found:
        variables = (_ALONE if alone else {}) | ports | invented | given
        variables |= {"DATABASE_URL": found.database_url, "REDIS_URL": found.redis_url}
        if password := variables.pop(CONSOLE_PASSWORD, None):
            variables["CONSOLE_USERS"] = f"tallyman:{hashed(password)}"
        _migrate(variables)
        yield System(variables, tuple(_programs(variables)), invented)


def emptied_stores(schema: str) -> dict[str, str]:
    """Return the stores that the environment names, the schema dropped there."""
    found = {name: environment(()).get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
    if url := found["DATABASE_URL"]:
        with psycopg.connect(url, autocommit=True) as connection:
            drop = sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE")
            connection.execute(drop.format(sql.Identifier(schema)))
    return found


def commands() -> dict[str, list[str]]:
    """Return the Procfile's commands by name: what runs here is what is deployed."""
    lines = (line.partition(":") for line in PROCFILE.read_text().splitlines() if line.strip())
    return {name.strip(): shlex.split(command) for name, _, command in lines}


def _programs(variables: Mapping[str, str]) -> Iterator[Program]:
    for name, command in commands().items():
        if name != "release":
            yield Program(name, [_script(command[0]), *command[1:]], variables)


def _script(name: str) -> str:
    """Return the program beside our own interpreter: the environment may not be active."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else name


def _migrate(variables: Mapping[str, str]) -> None:
    command = [_script(part) if part == "python" else part for part in commands()["release"]]
    environment = {**os.environ, **variables}  # noqa: TID251  handed on, not read
    done = subprocess.run(  # noqa: S603  our own Procfile
        command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"error: the tables could not be made:\n{done.stderr[-2000:]}")


def _ports(given: Mapping[str, str]) -> dict[str, str]:
    """Return ports for what nobody gave one. Raises NotStartedError for a given one in use."""
    found: dict[str, str] = {}
    for name, (address, usual) in _DOORS.items():
        host = given.get(address, "127.0.0.1")
        if name not in given:
            found[name] = str(_free(usual, host, given))
        elif _taken(given[name], host):
            raise NotStartedError(f"{name} {given[name]} is in use")
    return found


def _free(usual: int, host: str, given: Mapping[str, str]) -> int:
    """Return the usual port, or another one if that is taken or about to be."""
    if str(usual) not in {given.get(name) for name in _DOORS} and not _taken(str(usual), host):
        return usual
    other = free_port()
    click.echo(f"{usual} is taken: using {other}")
    return other


def _taken(port: str, host: str) -> bool:
    """Return whether somebody listens there; what else is wrong with it, others say better."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
        except (ValueError, OverflowError):  # no port: the settings name it
            return False
    return False


def _invented(given: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """Return secrets for what nobody set: a missing one would refuse everything."""
    made = {f"{name.upper()}_WEBHOOK_SECRETS": _secret() for name in INTEGRATIONS}
    made["FLOWER_BASIC_AUTH"] = f"tallyman:{secrets.token_hex(8)}"
    made["CONSOLE_SECRET"] = secrets.token_hex(32)
    if not given.keys() & {"CONSOLE_USERS", "CONSOLE_TRUSTED_HEADER"}:
        made[CONSOLE_PASSWORD] = secrets.token_hex(8)
    return {n: before.get(n) or value for n, value in made.items() if n not in given}


def _secret() -> str:
    return "whsec_" + secrets.token_hex(16)
