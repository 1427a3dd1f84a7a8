"""A server that we started: its port, its password, the wait until it answers, its end."""

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import randrange

from local import child
from local.errors import NotStartedError

READY_SECONDS = 60
_NOT_EPHEMERAL = (20_000, 30_000)


@dataclass(frozen=True)
class Server:
    """A server that runs: where it answers, and its process."""

    url: str
    process: subprocess.Popen[bytes]
    stop_signal: signal.Signals

    def stop(self) -> None:
        """End it in an orderly way, by SIGKILL when that takes too long."""
        child.end(self.process, self.stop_signal, seconds=20)


def free_port() -> int:
    """Return a loopback port that nobody has at this moment, and that no client is ever given."""
    while True:
        found = randrange(*_NOT_EPHEMERAL)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", found))
            return found


def password(path: Path) -> str:
    """Return the password kept in `path`, made at random the first time."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24))
    return path.read_text()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.replace(path)


def wait_until_ready(
    server: Server, answers: Callable[[str], object], not_yet: type[Exception], log: Path
) -> Server:
    """Return `server` as soon as `answers(url)` no longer raises `not_yet`.

    Raises NotStartedError with the end of the log when it dies first or takes too long, having
    ended it.
    """
    give_up = time.monotonic() + READY_SECONDS
    while True:
        try:
            answers(server.url)
        except not_yet as error:
            if server.process.poll() is not None or time.monotonic() > give_up:
                server.stop()
                raise not_started(server.process, log) from error
            time.sleep(0.05)
        else:
            return server


def not_started(process: subprocess.Popen[bytes], log: Path) -> NotStartedError:
    """Return the error that tells how `process` ended and what it said at last."""
    last = "\n".join(log.read_text(errors="replace").splitlines()[-10:])
    command = Path(str(process.args[0])).name  # type: ignore[index]
    return NotStartedError(f"{command} ended with {process.returncode}; {log} ends with:\n{last}")
