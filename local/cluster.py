"""Makes the folder that Postgres keeps its tables in, once."""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from local import child
from local.account import Account
from local.server import not_started

INITDB_SECONDS = 120


def cluster(
    home: Path,
    account: Account | None,
    initdb: Callable[[Sequence[str | Path]], subprocess.Popen[bytes]],
) -> Path:
    """Return the cluster below `home`, made with `initdb(arguments)` where it is missing.

    Raises NotStartedError with what initdb said when it failed.
    """
    made, new = home / "cluster", home / "cluster.new"
    if not made.exists():
        _empty(new, account)
        _give(home / "password", account)
        process = initdb(["-D", new, "--pwfile", home / "password"])
        with suppress(subprocess.TimeoutExpired):
            process.wait(INITDB_SECONDS)
        if child.sweep(process):
            raise not_started(process, home / "log")
        new.rename(made)  # last, so that a killed initdb leaves nothing that looks whole
    return made


def _empty(folder: Path, account: Account | None) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    _give(folder, account)


def _give(path: Path, account: Account | None) -> None:
    if account is not None:
        os.chown(path, account.uid, account.gid)
