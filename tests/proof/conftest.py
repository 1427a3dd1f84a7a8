"""What the proof's tests use: the receiver's client of the receiver's tests."""

import pytest

from tests.receiver.conftest import app, client, elsewhere, no_postgres, other_redis, post

__all__ = ["app", "client", "elsewhere", "no_postgres", "other_redis", "post"]


@pytest.fixture(autouse=True)
def forgetful_handlers():
    """The handlers of the tests know nothing of the test before."""
    from tests import handlers

    handlers.calls.clear()
    handlers.behaviour.clear()
    yield
    handlers.behaviour.clear()
