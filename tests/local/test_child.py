"""A child ends with its parent, whatever ends the parent."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from local import child

CHECKOUT = Path(__file__).parents[2]

STARTS_EVERYTHING = """
import subprocess, sys, threading
from pathlib import Path
from local import child
from local.account import unprivileged
from local.program import Program
from local.stores import stores
from local.supervisor import running

place = Path(sys.argv[1])
stubborn = ["sh", "-c", "trap '' TERM INT HUP; while :; do sleep 1; done"]
child.start(stubborn, output=subprocess.DEVNULL)
child.start(["sleep", "1000"], output=subprocess.DEVNULL, account=unprivileged(), folder="/")
with stores(place), running([Program("one", ["sleep", "1000"])], place / "logs"):
    print("ready", flush=True)
    threading.Event().wait()
"""


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a parent's end")
def test_a_killed_parent_leaves_no_process_behind(place, until):
    command = [sys.executable, "-c", STARTS_EVERYTHING, str(place)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"ready\n"
        family = psutil.Process(parent.pid).children(recursive=True)
        assert {"sh", "sleep", "postgres", "valkey-server"} <= {one.name() for one in family}
        parent.kill()
    until(lambda: not any(map(alive, family)))


def test_a_child_that_heeds_the_signal_ends_by_it():
    process = child.start(["sleep", "1000"], output=subprocess.DEVNULL)
    assert child.end(process, signal.SIGTERM) == -signal.SIGTERM


def test_a_child_that_ignores_the_signal_is_killed_with_its_own_children(tmp_path, until):
    said = tmp_path / "said"
    with said.open("wb") as output:
        stubborn = "trap '' TERM; sleep 1000 & echo $!; wait; while :; do sleep 1000; done"
        process = child.start(["sh", "-c", stubborn], output=output)
    grandchild = psutil.Process(int(until(said.read_text)))
    assert child.end(process, signal.SIGTERM, seconds=0.1) == -signal.SIGKILL
    until(lambda: not alive(grandchild))


def test_children_are_not_started_from_a_thread():
    errors = []

    def attempt():
        try:
            child.start(["true"], output=subprocess.DEVNULL)
        except RuntimeError as error:
            errors.append(str(error))

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    assert "main thread" in errors[0]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a parent's end")
def test_a_child_whose_parent_was_gone_before_it_asked_ends_at_once():
    script = "from local.child import die_with_parent; die_with_parent(parent=-1); print('lives')"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, b"")
