"""A loopback PostHog, and effects for it.

This file is read before the stores run, so it imports what reads the settings only when it is used.
"""

import json
from datetime import UTC, datetime

import pytest

from settings import settings

AT = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
DUE = "UPDATE effects SET retry_at = now() - interval '1 s'"


@pytest.fixture
def posthog(clean, monkeypatch):
    """The stand-in, which the settings name."""
    from simulator.posthog_api import posthog_api
    from worker import inbox

    with posthog_api() as api:
        monkeypatch.setenv("POSTHOG_PROJECT_KEY", "phc_of_the_tests")
        monkeypatch.setenv("POSTHOG_HOST", api.url)
        settings.cache_clear()
        yield api
    monkeypatch.undo()
    settings.cache_clear()
    inbox.redis().delete("tallyman:resting:posthog.deliver")


@pytest.fixture
def ask(sql):
    """Ask for an effect, and perform what is due; return the effects' statuses and errors."""

    def insert_and_deliver(action=None, entity=None, key="one", **payload):
        from integrations.targets import TARGETS
        from worker import inbox
        from worker.deliver import deliver
        from worker.retry import RetryPolicy

        if action:
            sql.execute(
                "INSERT INTO effects (target, action, entity, payload, key, occurred_at)"
                " VALUES ('posthog', %s, %s, %s, %s, %s)",
                [action, entity, None if entity else json.dumps(payload), key, AT],
            )
        inbox.redis().delete("tallyman:resting:posthog.deliver")
        sql.execute(DUE)
        deliver(TARGETS["posthog"], RetryPolicy(first=3600))  # not again in the same slice
        found = sql.execute("SELECT status, coalesce(error, reason) FROM effects ORDER BY id")
        return found.fetchall()

    return insert_and_deliver


@pytest.fixture
def keep(sql):
    """Keep a row that a mirror would have written."""

    def insert(table, **columns):
        names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
        sql.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(columns.values()))

    return insert
