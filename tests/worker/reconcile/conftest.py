"""What runs left behind.

This file is read before the stores run, so it imports what reads the settings only when it is used.
"""

import pytest
from psycopg.rows import dict_row


@pytest.fixture
def dicts(sql):
    """Return what a query finds, as mappings."""

    def read(query):
        with sql.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query).fetchall()

    return read


@pytest.fixture
def drift(dicts):
    """Return the differences that were found: (id, field, cause, whether it is repaired)."""

    def read():
        found = dicts("SELECT * FROM drift ORDER BY id")
        return [(d["row_id"], d["field"], d["cause"], bool(d["repaired_at"])) for d in found]

    return read


@pytest.fixture
def last_run(dicts):
    """Return the account of the last run."""
    return lambda: dicts("SELECT * FROM sync_runs ORDER BY id DESC LIMIT 1")[0]


@pytest.fixture
def bells():
    """Return the tasks that wait in a queue."""
    import json

    from worker import inbox

    def read(queue):
        return [json.loads(m)["headers"]["task"] for m in inbox.redis().lrange(queue, 0, -1)]

    return read
