"""The stores of the system under proof: they can be killed, and come back where they were."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import psutil

from local import postgres, valkey
from local.server import Server, free_port

DISK_MIB = 640  # of Postgres, where it can have a disk of its own
_PREFIX = "tallyman-proof-"
_SMALL = ["--max_wal_size=128MB", "--min_wal_size=32MB"]  # so that a small disk holds it


class Stores:
    """Both stores, each on the port that it had at first, in a folder of its own."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self._folder, self._env, self._ports = folder, env, (free_port(), free_port())
        self.postgres = self.start_postgres()
        self.redis = self.start_redis()

    def start_postgres(self) -> Server:
        """Start Postgres, again perhaps: what was committed is still there."""
        where = self._folder / "postgres"
        self.postgres = postgres.start(where, self._ports[0], self._env, _SMALL)
        return self.postgres

    def start_redis(self) -> Server:
        """Start Redis, again perhaps: what it had written down is still there."""
        self.redis = valkey.start(self._folder / "redis", self._ports[1], self._env)
        return self.redis

    def stop(self) -> None:
        """End both."""
        self.redis.stop()
        self.postgres.stop()


def place(closing: ExitStack) -> Path:
    """Return a folder for a system, with a small disk of its own for Postgres where that can be."""
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    folder.chmod(0o711)  # the account of Postgres must pass through
    closing.callback(shutil.rmtree, folder, ignore_errors=True)
    (folder / "points").mkdir()
    disk = folder / "postgres"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=0711", "tmpfs", str(disk)]
    if _run(mount) == 0:
        closing.callback(_run, ["umount", "-l", str(disk)])
    return folder


def _sweep() -> None:
    """Take away what a proof left behind that was killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            _run(["umount", "-l", str(folder / "postgres")])
            shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str]) -> int:
    """Return the exit code, that of the shell where there is no such command."""
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode
    except FileNotFoundError:
        return 127
