"""`tallyman up`, killed: nothing stays behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from settings import ROOT

pytestmark = pytest.mark.e2e


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the product: `up` writes beside the code, and the developer's own may run."""
    kept = shutil.ignore_patterns(
        ".venv", ".data", ".git", "__pycache__", "tests", "bench", ".*_cache"
    )
    return Path(shutil.copytree(ROOT, tmp_path / "checkout", ignore=kept))


def test_a_killed_up_leaves_no_process_behind(checkout: Path, tmp_path: Path):
    log = tmp_path / "up.log"
    clean = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    with log.open("wb") as output:
        up = subprocess.Popen(
            [sys.executable, "-m", "tallyman", "up"],
            cwd=checkout,
            env=clean
            | {"PYTHONPATH": str(checkout), "DATABASE_SCHEMA": "tallyman", "HANDLERS": ""},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    _until(lambda: "Ctrl-C ends everything" in log.read_text() or up.poll() is not None)
    parent = psutil.Process(up.pid)
    _until(lambda: len(parent.children(recursive=True)) >= 9)  # stores, web, workers, beat, flower
    family = parent.children(recursive=True)
    up.send_signal(signal.SIGKILL)
    up.wait()
    _until(lambda: not any(_runs(process) for process in family))


def _runs(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _until(condition) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
