"""A Stripe with a log of events, and what runs left behind.

This file is read before the stores run, so it imports what reads the settings only when it is used.
"""

import pytest
import responses
from psycopg.rows import dict_row


@pytest.fixture
def stripe_key(clean, monkeypatch):
    from integrations.stripe.client import client
    from settings import settings

    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_x")
    monkeypatch.setenv("CALL_LIMITS", "stripe=100000")
    settings.cache_clear()
    client.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()
    client.cache_clear()


@pytest.fixture
def stripe(stripe_key):
    """What Stripe's log tells of its own account, and of `acct_1`."""
    from tests.worker.sync.stripe_log import StripeLog

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield StripeLog(mock)


@pytest.fixture
def runs(sql):
    """Return the runs so far, oldest first."""

    def read():
        with sql.cursor(row_factory=dict_row) as cursor:
            return cursor.execute("SELECT * FROM sync_runs ORDER BY id").fetchall()

    return read


@pytest.fixture
def bells():
    """Return the tasks that wait in a queue."""
    import json

    from worker import inbox

    def read(queue):
        return [json.loads(m)["headers"]["task"] for m in inbox.redis().lrange(queue, 0, -1)]

    return read


@pytest.fixture
def began(sql):
    """Tallyman heard its first event a day ago; nothing has been caught up yet."""
    from tests.worker.stories import drained, put
    from tests.worker.stories import stripe as told

    put(told("evt_first", "customer.updated", {"object": "customer", "id": "cus_first"}))
    drained()
    sql.execute("UPDATE events SET received_at = now() - interval '1 day'")


@pytest.fixture
def came(stripe, ledger):
    """Have an event happen so many seconds ago, and its webhook come or not."""

    import json

    from tests.worker.stories import delivery, drained, put

    def happen(id, ago, *, lost=False, account="", **rest):
        happened = stripe.happened(id, ago, account, **rest)
        if not lost:
            body = {**happened, **({"account": account} if account else {})}
            put(delivery(json.dumps(body).encode()))
            drained()

    return happen
