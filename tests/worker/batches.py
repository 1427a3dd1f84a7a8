"""Ways to tell the worker of deliveries: in one batch or one by one, in order or reversed."""

from datetime import UTC, datetime

import pytest

from tests.worker.stories import drained, put


def at(seconds):
    """Return that time."""
    return datetime.fromtimestamp(seconds, UTC)


def in_batches(deliveries, together):
    """Deliver them in one batch, or each in one of its own."""
    if together:
        put(*deliveries)
        drained()
    for one in [] if together else deliveries:
        put(one)
        drained()


@pytest.fixture(params=[True, False], ids=["in one batch", "in two batches"])
def tell(request, clean):
    return lambda *deliveries: in_batches(deliveries, request.param)


@pytest.fixture(params=[1, -1], ids=["in order", "reversed"])
def way(request):
    return request.param
