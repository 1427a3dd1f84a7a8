"""`tallyman prove`, short and seeded: nothing is lost, doubled, divergent or let in."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from proof import report
from proof.report import COUNTED, Finding, Part, Table
from settings import ROOT


@pytest.fixture(scope="module")
def proved(tmp_path_factory) -> tuple[Path, str]:
    """What a short proof wrote, and said."""
    to: Path = tmp_path_factory.mktemp("prove")
    words = ["prove", "--seed", "1", "--minutes", "0.7", "--to", str(to)]
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "REDIS_URL", "DATABASE_SCHEMA", "HANDLERS"}
    }
    command = [sys.executable, "-m", "tallyman", *words]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True, timeout=800
    )
    assert (to / "report.json").exists(), done.stderr
    return to, done.stdout


@pytest.mark.e2e
@pytest.mark.timeout(900)
def test_a_short_proof_finds_nothing(proved):
    to, said = proved
    found = json.loads((to / "report.json").read_text())
    assert "nothing was found" in said, (to / "report.md").read_text()
    assert set(found) == {"seed", *COUNTED}
    assert found["seed"] == 1
    wrong = ("lost", "doubled", "divergent", "server_errors", "forgeries_accepted")
    assert {name: found[name] for name in wrong} == dict.fromkeys(wrong, 0)


@pytest.mark.e2e
@pytest.mark.timeout(900)
def test_a_short_proof_tries_every_fault_point_and_many_orders(proved):
    to, _ = proved
    found = json.loads((to / "report.json").read_text())
    assert found["fault_points"] == 16
    assert found["effects"] > 50
    assert found["kills"] > found["fault_points"]
    assert found["accepted"] == found["applied"] + found["dead"] > 300
    assert found["orders_tried"] > 500
    assert found["hostile_requests"] > 500


def test_a_report_names_what_was_found(tmp_path):
    found = [Finding("lost", f"evt_{n}") for n in range(30)]
    part = Part("Kills", {"lost": 30}, [Table(["at", "s"], [("here", 1)])], ["A note."], found)
    report.write(tmp_path, 7, [part, Part("Orders", {"divergent": 0, "orders_tried": 9})])

    text = (tmp_path / "report.md").read_text()
    assert "with seed 7" in text
    assert "| here | 1 |" in text
    assert "- **lost**: evt_0" in text
    assert "- **lost**: and 10 more" in text
    assert "Nothing was found." in text
    counted = json.loads((tmp_path / "report.json").read_text())
    assert (counted["seed"], counted["lost"], counted["orders_tried"]) == (7, 30, 9)


@pytest.mark.e2e
def test_a_part_that_breaks_off_is_a_finding(tmp_path):
    words = ["prove", "nobody", "--minutes", "0.1", "--to", str(tmp_path)]
    command = [sys.executable, "-m", "tallyman", *words]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "broken off: convergence" in done.stdout
