"""What the tests of local/ wait with and work in."""

import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def place():
    """Give a folder that every account can pass through, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="tallyman-test-") as name:
        Path(name).chmod(0o711)
        yield Path(name)
