"""Keeps two servers off one folder: a lock that lasts as long as the server that inherits it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.errors import NotStartedError

ORPHAN_SECONDS = 20


@contextmanager
def claimed(path: Path) -> Iterator[int]:
    """Lock `path` and give the descriptor: whoever inherits it holds the lock until it ends.

    Raises NotStartedError, which names the pid of the starter, when it is taken. A server whose
    starter was killed is on its way out, and is waited for.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(lock, path)
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        yield lock
    finally:
        os.close(lock)


def _lock(lock: int, path: Path) -> None:
    give_up = time.monotonic() + ORPHAN_SECONDS
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            starter = os.pread(lock, 20, 0).decode()
            if _runs(starter) or time.monotonic() > give_up:
                raise NotStartedError(
                    f"{path.parent} is in use by a server that process {starter} started: "
                    "stop that one, or give another folder"
                ) from None
        time.sleep(0.1)


def _runs(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except PermissionError:
        return True
    except (ProcessLookupError, ValueError):  # gone, or locked but not yet signed
        return False
    return True
