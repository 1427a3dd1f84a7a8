"""Deliver an event as its service would, through the pipeline that runs in production."""

import base64
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from db import base, migrate
from db.session import engine
from integrations import INTEGRATIONS
from integrations.effects import Effect
from integrations.interface import Delivery
from integrations.schema import JSON, dump
from local.stores import stores
from settings import settings
from simulator.lives import SOURCES
from tallyman.mode import in_mode
from tallyman.testing import SCHEMA
from worker import attempts, inbox
from worker.drain import drain
from worker.handlers import handlers
from worker.ledger import TABLE, unread_id
from worker.outbox import TABLE as EFFECTS
from worker.retry import policy
from worker.state import workers

SECRET = "whsec_" + base64.b64encode(b"the secret of your tests").decode()
_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an event: `status` is handled, ignored, retrying or dead.

    One that cannot be read is dead under an id of its bytes.
    `effects` are those that it asked for by now, without their purposes, which are in the keys.
    """

    event_id: str
    status: str
    error: str | None
    reason: str | None
    attempts: int
    effects: Sequence[Effect] = ()


class NotDeliveredError(LookupError):
    """The ledger holds no such event."""


@dataclass(frozen=True, slots=True)
class Tallyman:
    """The pipeline, and a connection of the test's own, which sees only what is committed."""

    connection: psycopg.Connection[Any]

    def deliver(
        self,
        service: str,
        event_type: str,
        object: JSON,
        *,
        at: int | None = None,
        event_id: str = "",
        version: str = "",
    ) -> Outcome:
        """Sign an event about the object, verify, keep and apply it; return what became of it.

        `at`: Unix seconds. `version`: the API version that tells of it, '' for the current one.
        """
        id, when = event_id or f"evt_{next(_NUMBERS)}", int(time.time()) if at is None else at
        body, _ = SOURCES[service].wrap(event_type, object, when, id, version)
        told = in_mode(INTEGRATIONS[service], body)
        inbox.put(sent := _verified(service, dump(told).encode(), id))
        self.drain(service)
        return self._outcome(service, id, unread_id(sent))

    def retry(self, service: str, event_id: str) -> Outcome:
        """Make the next attempt at an event that is retrying, without waiting for its time.

        Raises NotDeliveredError for an event that was never delivered.
        """
        due = f"UPDATE {TABLE} SET retry_at = now() WHERE (service, event_id) = (%s, %s)"  # noqa: S608  ours
        self.sql(due, (service, event_id))
        attempts.retry(INTEGRATIONS[service], policy())
        return self._outcome(service, event_id)

    def empty(self) -> None:
        """Empty Tallyman's tables and its inbox."""
        names = ", ".join(table.fullname for table in base.Base.metadata.sorted_tables)
        self.sql(f"TRUNCATE {names}")
        for service in INTEGRATIONS:
            inbox.redis().delete(inbox.stream(service), f"tallyman:resting:{service}")

    def drain(self, service: str) -> str:
        """Apply what waits for a service; return the counts."""
        return drain(INTEGRATIONS[service], policy())

    def sql(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query of yours. Tallyman's tables need no schema, unless yours are called alike."""
        done = self.connection.execute(query.encode(), parameters or None)
        return done.fetchall() if done.description else []

    def _outcome(self, service: str, event_id: str, unread: str = "") -> Outcome:
        """Return what became of an event; of what could not be read as one, by its other id."""
        chosen = "service = %s AND event_id IN (%s, %s) ORDER BY event_id = %s"
        columns = "event_id, status, error, reason, attempts"
        query = f"SELECT {columns} FROM {TABLE} WHERE {chosen}"  # noqa: S608  ours
        found = self.sql(query, (service, event_id, unread, event_id))
        if not found:
            raise NotDeliveredError(f"no event {event_id} of {service} was delivered, or it waits")
        return replace(Outcome(*found[0]), effects=self._effects(service, event_id))

    def _effects(self, service: str, event_id: str) -> list[Effect]:
        columns = "target, action, entity, payload"
        query = f"SELECT {columns} FROM {EFFECTS} WHERE (service, event_id) = (%s, %s) ORDER BY id"  # noqa: S608  ours
        rows = self.sql(query, (service, event_id))
        return [Effect(target=t, action=a, entity=e, payload=p) for t, a, e, p in rows]


def _verified(service: str, body: bytes, event_id: str) -> Delivery:
    """Return the delivery of a signed body, as the receiver keeps it."""
    integration, now = INTEGRATIONS[service], time.time()
    headers: Mapping[str, str] = integration.sign(body, SECRET, now, event_id)
    integration.verify(body, headers, [SECRET], now)
    kept = {name: headers[name] for name in integration.kept_headers if name in headers}
    return Delivery(service, "", body, kept, datetime.now(UTC))


@contextmanager
def ready() -> Iterator[None]:
    """Give stores with our tables in them. Raises UsageError if the plugin came too late."""
    if base.SCHEMA != SCHEMA:
        raise pytest.UsageError("load the plugin before all else: addopts = -p tallyman.testing")
    given = {name: os.environ.get(name) for name in ("DATABASE_URL", "REDIS_URL")}  # noqa: TID251
    urls = {"database_url": given["DATABASE_URL"], "redis_url": given["REDIS_URL"]}
    with stores(None, **urls) as found:
        _use({"DATABASE_URL": found.database_url, "REDIS_URL": found.redis_url})
        _refuse_a_live_inbox()
        migrate.upgrade()
        handlers()
        yield
        engine().dispose()


def _refuse_a_live_inbox() -> None:
    """Raise UsageError where a system works or waits: tests empty the inbox."""
    if workers() or any(inbox.backlog(service).waiting for service in INTEGRATIONS):
        raise pytest.UsageError(
            "a Tallyman works on the Redis that REDIS_URL names, or deliveries wait there: tests "
            "would take them. Next: name another one, or none for an embedded one"
        )


def _use(urls: Mapping[str, str]) -> None:
    """Have the pipeline of this process use these stores, whoever read the settings before."""
    os.environ |= urls  # noqa: TID251  set, not read
    if engine.cache_info().currsize:
        engine().dispose()
    for kept in (settings, engine, inbox.redis, handlers):
        kept.cache_clear()


@contextmanager
def opened() -> Iterator[Tallyman]:
    """Give the pipeline, with nothing in its tables and its inbox."""
    url = make_url(settings().stores.database_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        it = Tallyman(connection)
        # behind your own, as handlers see them
        path = "current_setting('search_path') || ', ' || %s"
        it.sql(f"SELECT set_config('search_path', {path}, false)", [SCHEMA])
        it.empty()
        yield it
