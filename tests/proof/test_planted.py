"""Defects planted in a copy of the tree: the proof finds each, and nothing without them."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
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
    ("sent_without_a_word", "forgotten", "effect done twice: that of evt_p", 20),
]


IN_SOME_ORDER = [
    "the_clock_compared_by_less",
    "a_tombstone_ignored",
    "members_merged",
    "a_reference_without_its_placeholder",
]
NOTHING = ""  # is planted where the proof must find nothing
AT_ONCE = 3  # they wait for most of the time


def _killed(patience: int, *points: str) -> list[str]:
    return ["proof.kills", *points, "--patience", str(patience)]


def _cases() -> dict[tuple[str, str], list[str]]:
    """Return the command for each defect, and for none, by (what is planted, how it is sought)."""
    shuffled = ["tallyman", "prove", "stripe", "--seed", "1", "--minutes", "0.3", "--to", "found"]
    unhurt = {point for _, point, _, seconds in AT_A_KILL if seconds == 20}
    return {
        **{(name, "kill"): _killed(seconds, point) for name, point, _, seconds in AT_A_KILL},
        **{(name, "order"): shuffled for name in [*IN_SOME_ORDER, NOTHING]},
        (NOTHING, "kill"): _killed(20, *sorted(unhurt)),
    }


@pytest.fixture(scope="module")
def said(tmp_path_factory) -> dict[tuple[str, str], str]:
    """What the proof said of each copy."""
    cases = _cases()
    folders = [tmp_path_factory.mktemp("planted") / "copy" for _ in cases]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(_proved, folders, [name for name, _ in cases], cases.values())
        return dict(zip(cases, found, strict=True))


def _proved(copy: Path, name: str, words: list[str]) -> str:
    """Plant a defect in a copy of the tree and run a part of the proof there; return its words."""
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    if name != NOTHING:
        subprocess.run(["git", "apply", str(PLANTED / f"{name}.patch")], cwd=copy, check=True)
    environment = {**os.environ, "PYTHONPATH": str(copy), "TALLYMAN_NO_ENV_FILES": "1"}
    for setting in ("DATABASE_URL", "REDIS_URL", "DATABASE_SCHEMA", "HANDLERS"):
        environment.pop(setting, None)
    command = [sys.executable, "-m", *words]
    done = subprocess.run(
        command, cwd=copy, env=environment, check=False, capture_output=True, text=True, timeout=400
    )
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout


@pytest.mark.e2e
@pytest.mark.timeout(900)
@pytest.mark.parametrize("planted", AT_A_KILL, ids=[row[0] for row in AT_A_KILL])
def test_a_planted_defect_is_found_at_a_kill(planted, said):
    name, _, finding, _ = planted
    assert finding in said[name, "kill"]
    assert "point never reached" not in said[name, "kill"]


@pytest.mark.e2e
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", IN_SOME_ORDER)
def test_a_planted_defect_is_found_in_some_order(name, said):
    assert "divergent: " in said[name, "order"]


@pytest.mark.e2e
@pytest.mark.timeout(900)
@pytest.mark.parametrize("how", ["kill", "order"])
def test_nothing_is_found_without_a_defect(how, said):
    """The points that take longer are in the short proof, which finds nothing either."""
    assert "nothing was found" in said[NOTHING, how]
