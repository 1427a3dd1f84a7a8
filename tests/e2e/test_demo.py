"""`make demo`: the story plays as it says."""

import os
import subprocess
import sys

import pytest

from settings import ROOT

pytestmark = pytest.mark.e2e

STORES = {"DATABASE_URL", "REDIS_URL", "DATABASE_SCHEMA"}


def test_the_demo_ends_as_expected_whatever_keys_are_around():
    around = {"LOOPS_API_BASE": "http://192.0.2.1", "REACTIONS": "nobody", "HANDLERS": "nobody"}
    done = subprocess.run(
        [sys.executable, "-m", "tallyman.demo"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in STORES} | around,
        check=False,
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    lines = done.stdout.splitlines()
    assert lines[-1].startswith("as expected: ")
    told = [line.split()[:2] for line in lines]
    assert ["Loops", "contact"] in told
    assert ["PostHog", "$set"] in told
    assert any(line.startswith("stripe events: ") and "1 fetched" in line for line in lines)
    assert any(line.startswith("tallyman/events/stripe/") for line in lines)
