"""A pytest plugin, `-p tests.in_two`: which tests run in which of two processes, side by side.

Much of a test is waiting. Each process has stores of its own.
"""

import pytest
from xdist.scheduler import LoadFileScheduling

_SYSTEMS = "tests/e2e/"


class ByFile(LoadFileScheduling):  # type: ignore[misc]  # untyped there
    """The tests of a file go to one process; so do all whole systems, which want the same ports."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(_SYSTEMS):
            return _SYSTEMS
        return str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    """Return what deals out the tests."""
    return ByFile(config, log)
