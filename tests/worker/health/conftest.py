"""A ledger with a past, and what health says of it."""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import psycopg
import pytest
from flask import Flask
from werkzeug.routing import MapAdapter

from tests.incidents.clicks import copied, parsed

if TYPE_CHECKING:
    from worker.health import Health

Sql = psycopg.Connection[tuple[object, ...]]

# at every tick of `every` between two times before now, `each` events of a type and status
PAST = """
    INSERT INTO events (service, event_id, endpoint, account, type, status, attempts, received_at,
        settled_at, error, body, headers)
    SELECT %(service)s, %(name)s || '_' || extract(epoch FROM at) || '_' || n, %(endpoint)s, '',
        %(type)s, %(status)s, 1, at, at, %(error)s, '{}', '{}'
    FROM generate_series(now() - %(since)s::interval, now() - %(until)s::interval,
        %(every)s::interval) AS at, generate_series(1, %(each)s) AS n
"""
Past = Callable[..., None]
Told = Callable[..., "Health"]


@pytest.fixture
def past(sql: Sql) -> Past:
    """Enter events that came in between two times before now, and count them."""
    from worker.signals import quarters

    given = {
        "service": "stripe",
        "type": "customer.updated",
        "endpoint": "",
        "status": "handled",
        "error": None,
        "until": "0 s",
        "every": "15 min",
        "each": 1,
    }
    entered = 0

    def enter(since: str, **changed: object) -> None:
        nonlocal entered
        entered += 1
        sql.execute(PAST, given | {"since": since, "name": f"evt_{entered}"} | changed)
        sql.execute("TRUNCATE event_quarters")  # what is over was counted, and is not looked at
        quarters.count(["stripe", "clerk", "loops", "posthog", "r2"])

    return enter


@pytest.fixture
def told(clean: None) -> Told:
    """Say how a service stands; whatever is told leads to where it is seen and mended."""

    from worker.health import health

    def tell(service: str = "stripe") -> "Health":
        [found] = health([service])
        for reason in found.reasons:
            assert pages().match(reason.page.partition("?")[0]), reason
            assert all(map(parsed, [reason.look, *copied(reason.mend)])), reason
        return found

    return tell


@cache
def pages() -> MapAdapter:
    """Return the addresses of the console's pages; to match another raises NotFound."""
    from console.pages import PAGES

    app = Flask("console")
    for page in PAGES:
        app.register_blueprint(page.blueprint)
    return app.url_map.bind("console")
