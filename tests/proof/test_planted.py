"""Defects planted in a copy of the tree: the proof finds each, and nothing without them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from settings import ROOT

PLANTED = Path(__file__).parent / "planted"
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "tests", "docs", "prove")

# name, where a process ends, what is found, and the seconds that a recovery may take
AT_A_KILL = [
    ("acknowledged_before_the_commit", "drain.written", "lost: evt_p", 20),
    ("claimed_outside_the_transaction", "drain.written", "(marked handled, nothing written)", 20),
    ("nothing_reclaimed", "drain.taken", "stuck: stream entry", 20),
    ("a_lease_that_never_ends", "retry.leased", "no recovery: after a kill at retry.leased", 20),
    ("a_pointer_without_its_row", "drain.handed_on", "lost: evt_p", 60),
    ("batch_mates_judged_for_a_crash", "exit", "an innocent is dead: ", 10),
    ("a_duplicate_applied_again", "drain.committed", "doubled: evt_p", 20),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copy of what runs, to plant defects in."""
    folder: Path = tmp_path_factory.mktemp("planted") / "copy"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    return folder


@pytest.fixture
def plant(copy):
    """Apply a patch to the copy, and take it out again."""
    applied = []

    def apply(name: str) -> None:
        _git_apply(copy, name)
        applied.append(name)

    yield apply
    for name in applied:
        _git_apply(copy, name, "--reverse")


def _git_apply(copy: Path, name: str, *options: str) -> None:
    patch = str(PLANTED / f"{name}.patch")
    subprocess.run(["git", "apply", *options, patch], cwd=copy, check=True)


def _run(copy: Path, *words: str) -> str:
    """Run a part of the proof on the copy; return what it said."""
    environment = {**os.environ, "PYTHONPATH": str(copy), "TALLYMAN_NO_ENV_FILES": "1"}
    for name in ("DATABASE_URL", "REDIS_URL", "DATABASE_SCHEMA", "HANDLERS"):
        environment.pop(name, None)
    command = [sys.executable, "-m", *words]
    done = subprocess.run(
        command, cwd=copy, env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout


def _killed(copy: Path, patience: int, *points: str) -> str:
    return _run(copy, "proof.kills", *points, "--patience", str(patience))


@pytest.mark.e2e
@pytest.mark.parametrize("planted", AT_A_KILL, ids=[row[0] for row in AT_A_KILL])
def test_a_planted_defect_is_found_at_a_kill(planted, copy, plant):
    name, point, finding, patience = planted
    plant(name)
    said = _killed(copy, patience, point)
    assert finding in said
    assert "point never reached" not in said


@pytest.mark.e2e
def test_nothing_is_found_at_the_same_kills_without_a_defect(copy):
    """Those that take longer are in the short proof, which finds nothing either."""
    points = {point for _, point, _, seconds in AT_A_KILL if seconds == 20}
    assert "nothing was found" in _killed(copy, 20, *sorted(points))


IN_SOME_ORDER = [
    "the_clock_compared_by_less",
    "a_tombstone_ignored",
    "members_merged",
    "a_reference_without_its_placeholder",
]


def _shuffled(copy: Path, to: Path) -> str:
    return _run(
        copy, "tallyman", "prove", "stripe", "--seed", "1", "--minutes", "0.3", "--to", str(to)
    )


@pytest.mark.e2e
@pytest.mark.parametrize("name", IN_SOME_ORDER)
def test_a_planted_defect_is_found_in_some_order(name, copy, plant, tmp_path):
    plant(name)
    assert "divergent: " in _shuffled(copy, tmp_path)


@pytest.mark.e2e
def test_nothing_diverges_without_a_defect(copy, tmp_path):
    assert "nothing was found" in _shuffled(copy, tmp_path)
