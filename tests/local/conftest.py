"""What the tests of local/ wait with and work in."""

import tempfile
import time
from pathlib import Path

import pytest

BOUND_SECONDS = 60


@pytest.fixture
def until():
    """Wait until a condition holds, doing something meanwhile, and give what it returned."""

    def wait(condition, meanwhile=lambda: None):
        give_up = time.monotonic() + BOUND_SECONDS
        while not (found := condition()):
            meanwhile()
            assert time.monotonic() < give_up, "it did not come true in time"
            time.sleep(0.02)
        return found

    return wait


@pytest.fixture
def place():
    """Give a folder that every account can pass through, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="tallyman-test-") as name:
        Path(name).chmod(0o711)
        yield Path(name)
