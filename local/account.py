"""Chooses who runs Postgres, which refuses root, and a folder that this account can enter."""

import hashlib
import os
import pwd
import stat
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from local.errors import NotStartedError

OUTSIDE = Path("/var/tmp")  # noqa: S108 - kept over a restart of the machine; see private()


@dataclass(frozen=True)
class Account:
    """An unprivileged account of this machine."""

    name: str
    uid: int
    gid: int


def unprivileged() -> Account | None:
    """Return the account to start Postgres as; None when we are not root and need no other."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            found = pwd.getpwnam(name)
            return Account(name, found.pw_uid, found.pw_gid)
    raise NotStartedError(
        "Postgres refuses to run as root, and there is neither a user 'postgres' nor 'nobody': "
        "run this as another user, or set DATABASE_URL"
    )


def can_run(account: Account, command: Sequence[str | Path]) -> bool:
    """Return whether the account is able to run `command` with success: asked by doing it."""
    try:
        done = subprocess.run(  # noqa: S603 - our own commands, no shell
            command,
            cwd="/",
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            capture_output=True,
            timeout=60,
            check=False,
        )
    except PermissionError:
        return False
    return done.returncode == 0


def enterable(folder: Path, account: Account | None) -> Path:
    """Return `folder`, made and private, or one outside when `account` has no way into it."""
    private(folder, account)
    if account is None or can_run(account, ["/bin/sh", "-c", 'cd "$0"', folder]):
        return folder
    return outside(folder, account)


def outside(inner: Path, account: Account) -> Path:
    """Return the private folder below /var/tmp that stands in for `inner`."""
    name = hashlib.sha256(os.fsencode(inner.resolve())).hexdigest()[:16]
    return private(OUTSIDE / f"tallyman-{name}", account)


def private(folder: Path, account: Account | None) -> Path:
    """Make `folder` ours alone, but for `account` who may pass through, and return it.

    Raises NotStartedError when somebody else made it first: anybody can, in /var/tmp.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise NotStartedError(f"{folder} does not belong to us: see who made it, and remove it")
    folder.chmod(0o700)
    if account is not None:
        os.chown(folder, -1, account.gid)
        folder.chmod(0o710)
    return folder
