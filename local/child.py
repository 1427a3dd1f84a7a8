"""Starts child processes that end with their parent, even when the parent is killed."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO

from local.account import Account

PR_SET_PDEATHSIG = 1

# Loaded before any fork: between fork and exec a child should do as little as it can.
_libc: ctypes.CDLL | None = (
    ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None
)


def die_with_parent(by: signal.Signals = signal.SIGKILL, parent: int | None = None) -> None:
    """Have the kernel send us `by` when the thread that forked us ends; a no-op beside Linux.

    `parent` is the pid of the process that forked us: when that one is gone already, we end now.
    Raises OSError when the kernel refuses.
    """
    if _libc is None:
        return
    if _libc.prctl(PR_SET_PDEATHSIG, int(by), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def start(
    command: Sequence[str | Path],
    *,
    output: IO[bytes] | int,
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
    account: Account | None = None,
    dies_by: signal.Signals = signal.SIGKILL,
    keeps: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own and return the process.

    stdout and stderr go to `output`; `env` is its whole environment (ours, when None), `keeps` are
    file descriptors that it inherits. Raises RuntimeError outside the main thread, OSError when
    the command cannot be run.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("start children from the main thread: they end with the one that forks")
    return subprocess.Popen(  # noqa: S603 - our own commands, no shell
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=env,
        cwd=folder,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        pass_fds=keeps,
        # Ctrl-C in a terminal reaches us only, so that we can end the children in order
        start_new_session=True,
        # runs after the change of user, which would clear the wish
        preexec_fn=partial(die_with_parent, dies_by, os.getpid()),  # noqa: PLW1509
    )


def end(
    process: subprocess.Popen[bytes], by: signal.Signals = signal.SIGTERM, seconds: float = 10
) -> int:
    """End `process`, by SIGKILL when `by` does not do in `seconds`; returns its exit code."""
    process.send_signal(by)
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    return sweep(process)


def sweep(process: subprocess.Popen[bytes]) -> int:
    """Kill `process` and the children that it left behind; returns its exit code."""
    with suppress(ProcessLookupError):  # the usual case: it left none
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()
