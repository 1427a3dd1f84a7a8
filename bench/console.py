"""How long the console's pages take with a million events in the ledger.

    python -m bench.console [EVENTS]

Prints the percentiles of each page, in milliseconds, and their ratio to a page that asks no store.
It fills a database of its own, which takes about a minute, and serves the pages in this process.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import quantiles

import psycopg

from local.stores import stores

ROUNDS = 40
FOLDER = os.environ.get("BENCH_CONSOLE_FOLDER")  # noqa: TID251  kept, where it is given
SECRET = "bench-" * 8
PAGES = {
    "no store": "/healthz",
    "overview": "/",
    "events": "/events",
    "events of stripe": "/events?service=stripe",
    "dead events": "/events?status=dead",
    "events of a rare type": "/events?type=customer.tax_id.updated",
    "events by a whole id": "/events?q=evt_00500000",
    "events by an id's beginning": "/events?q=evt_0050",
    "events about one": "/events?entity=cus_499",
    "events a month ago": "/events?until=2026-01-01T00:00",
    "text in errors": "/events?q=nowhere",
    "one event": "/events/one?service=stripe&id=evt_00100000",
    "refused": "/refused",
    "audit log": "/audit",
    "alerts": "/alerts",
    "why": "/why?table=stripe_customers&id=cus_499",
    "effects": "/effects",
    "held effects": "/effects?status=held",
    "sent effects of one target": "/effects?target=loops&status=sent",
    "dead letters": "/dead-letters",
    "syncs and drift": "/syncs?service=stripe",
    "connections": "/connections",
    "services": "/services",
}

FILL = """
INSERT INTO tallyman.events (service, event_id, endpoint, account, type, status, attempts, entity,
    occurred_at, received_at, settled_at, retry_at, error, reason, body, headers)
SELECT s, 'evt_' || lpad(n::text, 8, '0'), '', '', t, st,
    CASE st WHEN 'dead' THEN 16 WHEN 'retrying' THEN 3 ELSE 1 END,
    'cus_' || n %% 50000, at, at + '80ms',
    CASE WHEN st IN ('retrying', 'received') THEN NULL ELSE at + '120ms' END,
    CASE st WHEN 'retrying' THEN now() + '20 min' END,
    CASE WHEN st IN ('dead', 'retrying') THEN
        (ARRAY['Timeout: the service did not answer within 10 s',
               'HTTPError: 429 too many requests',
               'Unreadable: Subscription.items.data.0.price: is missing'])[1 + n %% 3] END,
    CASE st WHEN 'ignored' THEN 'nobody handles this type' END,
    convert_to('{"id": "evt_' || n || '", "object": "event", "type": "' || t
        || '", "data": {"object": '
        || '{"id": "cus_' || n %% 50000 || '", "object": "customer", "email": "ada' || n
        || '@example.org", "name": "Ada Lovelace ' || n || '", "balance": ' || n %% 900
        || ', "currency": "eur", "livemode": true, "metadata": {"plan": "team"}, "description": "'
        || repeat(md5(n::text), 12) || '"}}}', 'UTF8'), '{}'
FROM (SELECT n, now() - ((%(n)s - n) * %(every)s) * interval '1 second' AS at,
        (ARRAY['stripe','stripe','stripe','stripe','clerk','clerk','posthog','posthog','loops',
            'r2'])[1 + n %% 10] AS s,
        CASE WHEN n %% 5000 = 3 THEN 'dead' WHEN n > %(n)s - 400 AND n %% 9 = 0 THEN 'retrying'
            WHEN n %% 33 = 7 THEN 'ignored' ELSE 'handled' END AS st
    FROM generate_series(%(from)s::bigint, %(to)s::bigint) AS n) AS made,
LATERAL (SELECT CASE s
    WHEN 'stripe' THEN (ARRAY['customer.subscription.updated','invoice.paid','charge.succeeded',
        'customer.updated'])[1 + (n / 10) %% 4]
    WHEN 'clerk' THEN (ARRAY['user.updated','session.created','user.created'])[1 + (n / 10) %% 3]
    WHEN 'posthog' THEN '$pageview' WHEN 'loops' THEN 'email.delivered'
    ELSE 'PutObject' END AS t) AS typed
"""


# beside the events: 10,000 dead letters of three causes, effects, drift, connections, alerts
BESIDE = (
    """
    INSERT INTO tallyman.events (service, event_id, endpoint, account, type, status, attempts,
        received_at, settled_at, error, body, headers)
    SELECT 'stripe', 'evt_dead_' || n, '', '', 'invoice.paid', 'dead', 16, now(),
        now() - n * interval '1 s', 'KeyError: no plan plan_' || n || ' in version ' || n %% 3,
        convert_to('{"id": "evt_dead_' || n || '", "object": "event", "type": "invoice.paid", '
        || '"created": 1, "data": {"object": {"object": "invoice", "id": "in_' || n || '"}}}',
        'UTF8'), '{}' FROM generate_series(1, 10000) AS n
    """,
    """
    INSERT INTO tallyman.effects (target, action, payload, status, created_at, settled_at, error)
    SELECT (ARRAY['loops', 'posthog'])[1 + n %% 2], 'event', '{}',
        CASE WHEN n %% 50000 = 3 THEN 'held' WHEN n %% 10000 = 7 THEN 'dead' ELSE 'sent' END,
        now() - n * interval '1 s', now() - n * interval '1 s', NULL
    FROM generate_series(1, %(n)s / 2) AS n
    """,
    """
    INSERT INTO tallyman.sync_runs (service, name, kind, status, finished_at)
    VALUES ('stripe', 'customer', 'reconcile', 'complete', now())
    """,
    """
    INSERT INTO tallyman.sync_cursors (service, name, kind, run_id)
    SELECT service, name, kind, id FROM tallyman.sync_runs
    """,
    """
    INSERT INTO tallyman.drift (run_id, service, table_name, row_id, field, here, there, cause)
    SELECT id, 'stripe', 'stripe_customers', 'cus_' || n, (ARRAY['name', 'email'])[1 + n %% 2],
        'a', 'b', 'missed event' FROM tallyman.sync_runs, generate_series(1, 100000) AS n
    """,
    "INSERT INTO tallyman.stripe_customers (id, account) VALUES ('cus_499', '')",
    """
    INSERT INTO tallyman.oauth_connections (service, account)
    SELECT 'slack', 'team_' || n FROM generate_series(1, 10000) AS n
    """,
)


def fill(connection: psycopg.Connection, events: int) -> None:
    """Fill the ledger: a third of the events came in the last day."""
    step = 50_000
    for first in range(1, events + 1, step):
        keys = {"n": events, "every": 1.5, "from": first, "to": min(first + step - 1, events)}
        connection.execute(FILL, keys)
    for statement in BESIDE:
        connection.execute(statement, {"n": events})
    connection.execute("VACUUM ANALYZE")


@contextmanager
def filled(events: int) -> Iterator[None]:
    """Run stores, with a full ledger."""
    folder = Path(FOLDER) if FOLDER else None
    with stores(folder) as running:
        os.environ.update(  # noqa: TID251  before the settings are read
            DATABASE_URL=running.database_url,
            REDIS_URL=running.redis_url,
            CONSOLE_SECRET=SECRET,
            CONSOLE_TRUSTED_HEADER="X-User",
            CONSOLE_TRUSTED_PROXIES="127.0.0.1",
            LOG_LEVEL="ERROR",
        )
        from db import migrate  # noqa: PLC0415  not before the settings are there

        migrate.upgrade()
        with psycopg.connect(running.database_url, autocommit=True) as connection:
            (there,) = connection.execute("SELECT count(*) FROM tallyman.events").fetchone() or (0,)
            if there < events:
                fill(connection, events)
        yield


def timed(get: Callable[[], object]) -> list[float]:
    """Return the milliseconds of some calls, without the first."""
    get()
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        get()
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def main() -> None:
    """Fill, ask, print."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with filled(events):
        from console.app import create_app  # noqa: PLC0415  not before the settings are there
        from integrations import INTEGRATIONS  # noqa: PLC0415
        from worker import causes  # noqa: PLC0415
        from worker.signals import quarters  # noqa: PLC0415

        quarters.count(INTEGRATIONS)  # as the watch of a running system has
        client = create_app().test_client()
        print(f"{events:,} events; milliseconds\n{'page':30} {'p50':>8} {'p95':>8} {'ratio':>7}")
        base = 0.0
        cause = next(one for one in causes.causes() if one.error.startswith("KeyError"))
        dead = {"a cause of dead letters": f"/dead-letters/cause?id={cause.id}"}
        for name, path in (PAGES | dead).items():
            headers = {"X-User": "bench"}
            answer = client.get(path, headers=headers)
            assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
            taken = timed(partial(client.get, path, headers=headers))
            median, p95 = quantiles(taken, n=20)[9], quantiles(taken, n=20)[18]
            base = base or median
            print(f"{name:30} {median:8.1f} {p95:8.1f} {median / base:7.0f}")


if __name__ == "__main__":
    main()
