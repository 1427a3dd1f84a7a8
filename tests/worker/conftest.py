"""What the worker's tests share: handlers that forget between tests, and readers of tables.

This file is read before the stores run, so it imports what reads the settings only when it is used.
"""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from psycopg.rows import dict_row

from settings import Settings, Stripe

hypothesis.register_profile(
    "worker",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
hypothesis.load_profile("worker")

Rows = list[dict[str, Any]]
Sql = psycopg.Connection[Any]


@pytest.fixture(autouse=True)
def forgetful_handlers() -> Iterator[None]:
    from tests import handlers

    handlers.calls.clear()
    handlers.behaviour.clear()
    yield
    handlers.calls.clear()
    handlers.behaviour.clear()


@pytest.fixture
def rows(sql: Sql) -> Callable[[str], Rows]:
    """Return a table's rows but for when they were written, ordered by all they hold."""

    def read(table: str) -> Rows:
        with sql.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(f"SELECT * FROM {table}").fetchall()
        ours = {"first_seen_at", "written_at"}
        shown = [{k: v for k, v in row.items() if k not in ours} for row in found]
        return sorted(shown, key=repr)

    return read


@pytest.fixture
def mirrored(rows: Callable[[str], Rows]) -> Callable[[], dict[str, Rows]]:
    """Return all mirrors."""
    from db.reading import mirrors

    return lambda: {table.name: rows(table.name) for table in mirrors()}


@pytest.fixture
def ledger(rows: Callable[[str], Rows]) -> Callable[[], dict[str, dict[str, Any]]]:
    """Return the ledger by event id."""
    return lambda: {row["event_id"]: row for row in rows("events")}


@pytest.fixture
def rested() -> Callable[[], None]:
    """End the pause that follows an error of ours, as its time would."""
    from worker import inbox

    def end() -> None:
        for service in ("stripe", "clerk"):
            inbox.redis().delete(f"tallyman:resting:{service}")

    return end


@pytest.fixture
def failed(sql: Sql) -> None:
    """One event, `evt_1`, that failed once and is due; its handler would do now."""
    from tests import handlers
    from tests.worker import stories

    handlers.behaviour["invoice.paid"] = stories.fail
    stories.put(stories.invoice())
    stories.drained()
    sql.execute(stories.DUE)
    handlers.behaviour.clear()
    handlers.calls.clear()


@pytest.fixture
def live_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A live key is configured."""
    live = Settings(stripe=Stripe.model_validate({"stripe_api_key": "sk_live_x"}))
    monkeypatch.setattr("integrations.stripe.settings", lambda: live)


@pytest.fixture
def retention(sql: Sql, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Bodies leave after 30 days."""
    from settings import settings

    monkeypatch.setenv("EVENTS_RETENTION_DAYS", "30")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def archiving(bucket: str, retention: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """They go into the archive then."""
    from settings import settings

    monkeypatch.setenv("R2_ARCHIVE", "true")
    settings.cache_clear()


@pytest.fixture
def spoiling(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Let all that is put into the archive be other bytes, with what is said about the right."""
    from integrations.r2 import archive
    from integrations.r2.client import client

    def spoil(body: bytes) -> None:
        real = client()

        def put_object(**asked: Any) -> Any:
            return real.put_object(**asked | {"Body": body})

        spoilt = SimpleNamespace(put_object=put_object, get_object=real.get_object)
        monkeypatch.setattr(archive, "client", lambda: spoilt)

    return spoil
