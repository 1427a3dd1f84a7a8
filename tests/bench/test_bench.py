"""The benchmark works: a tiny run gives every figure, whatever it is."""

import json
import subprocess
import sys

import pytest

FIGURES = {
    "receiver.ratio",
    "receiver.cpu_ratio",
    "receiver.p99_ms",
    "drain.ratio",
    "drain.events_per_s",
    "latency.p99_ms",
    "worker.rss_mib",
}


@pytest.mark.e2e
def test_a_tiny_run_writes_all_figures(tmp_path):
    results = tmp_path / "results.json"

    subprocess.run([sys.executable, "-m", "bench", "--tiny", "--to", results], check=True)

    found = json.loads(results.read_text())
    assert found.pop("context")["size"]["rounds"] == 1
    assert found.keys() >= FIGURES
    assert all(figure > 0 for figure in found.values())
