"""The whole system on one machine: the Procfile's programs, on embedded stores and free ports."""

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

from integrations import INTEGRATIONS
from local.program import Program
from local.stores import stores
from settings import ROOT

PROCFILE = ROOT / "Procfile"


@dataclass(frozen=True, slots=True)
class System:
    """What is about to run: the programs, with the variables that all of them get."""

    variables: Mapping[str, str]
    programs: tuple[Program, ...]

    @property
    def receiver(self) -> str:
        """Return the receiver's URL."""
        return f"http://127.0.0.1:{self.variables['PORT']}"

    @property
    def flower(self) -> str:
        """Return Flower's URL."""
        return f"http://127.0.0.1:{self.variables['FLOWER_PORT']}"


@contextmanager
def system(folder: Path | None, given: Mapping[str, str]) -> Iterator[System]:
    """Start the stores that are not given, migrate, and yield what is to run on them.

    `given` are settings that somebody made. Without a folder the stores are empty, and temporary.
    Raises local.errors.NotStartedError, or SystemExit where the tables cannot be made.
    """
    urls = {"database_url": given.get("DATABASE_URL"), "redis_url": given.get("REDIS_URL")}
    with stores(folder, **urls) as found:
        variables = _ports(given) | _invented(given) | dict(given)
        variables |= {"DATABASE_URL": found.database_url, "REDIS_URL": found.redis_url}
        _migrate(variables)
        yield System(variables, tuple(_programs(variables)))


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
    wanted = {"PORT": 8000, "FLOWER_PORT": 5555}
    return {name: str(_free(port)) for name, port in wanted.items() if name not in given}


def _free(port: int) -> int:
    """Return the port, or another one if somebody listens there."""
    for candidate in (port, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on loopback")


def _invented(given: Mapping[str, str]) -> dict[str, str]:
    """Return secrets for what nobody set: a missing one would refuse everything."""
    made = {f"{name.upper()}_WEBHOOK_SECRETS": _secret() for name in INTEGRATIONS}
    made["FLOWER_BASIC_AUTH"] = f"tallyman:{secrets.token_hex(8)}"
    return {name: value for name, value in made.items() if name not in given}


def _secret() -> str:
    return "whsec_" + secrets.token_hex(16)
