"""The receiver's application of this process, with a fresh line to Redis for every test.

Imports stand in the fixtures: pytest may load this before the stores run that settings name.
"""

import os
import signal
import time
from types import SimpleNamespace

import pytest


@pytest.fixture(scope="session")
def app():
    from receiver.app import create_app

    return create_app()


def _new_line(patch):
    from receiver import refusals, store
    from receiver.line import Line

    line = Line()
    patch.setattr(store, "line", line)
    patch.setattr(refusals, "line", line)


@pytest.fixture
def client(app, clean, monkeypatch):
    from receiver import refusals

    _new_line(monkeypatch)
    monkeypatch.setattr(refusals, "_noted", 0)
    return app.test_client()


@pytest.fixture
def clock(monkeypatch):
    """Let the receiver's clock jump ahead: `clock.ahead += 2`."""
    from receiver import line, refusals

    clock = SimpleNamespace(ahead=0.0)
    clock.monotonic = lambda: time.monotonic() + clock.ahead
    monkeypatch.setattr(line, "time", clock)
    monkeypatch.setattr(refusals, "time", clock)
    return clock


@pytest.fixture
def post(client):
    """Send a delivery, signed where no headers are given, and give the answer."""
    from tests.receiver.deliveries import signed, stripe_body

    def post(service="stripe", body=None, *, endpoint="", headers=None, **how):
        body = stripe_body() if body is None else body
        headers = signed(service, body, endpoint=endpoint, **how) if headers is None else headers
        path = f"/webhooks/{service}" + (f"/{endpoint}" if endpoint else "")
        # a client of its own: requests may be sent from several threads
        return client.application.test_client().post(path, data=body, headers=headers)

    return post


@pytest.fixture
def kept_in_postgres(sql):
    """Give what the ledger holds: (event id, status) of each event."""
    return lambda: sql.execute("SELECT event_id, status FROM events ORDER BY 1").fetchall()


def _forget():
    from db.session import engine
    from settings import settings
    from worker import bell
    from worker.inbox import redis

    engine().dispose()
    for found_by_settings in (settings, redis, engine, bell.app):
        found_by_settings.cache_clear()


@pytest.fixture
def elsewhere(client):
    """Give the receiver other stores than the real ones: `elsewhere(REDIS_URL=...)`."""
    with pytest.MonkeyPatch.context() as patch:

        def look(**urls):
            for name, url in urls.items():
                patch.setenv(name, url)
            _forget()
            _new_line(patch)

        yield look
    _forget()


@pytest.fixture
def other_redis(elsewhere, tmp_path):
    """Give the receiver a Redis that a test may stop and hang."""
    from local import valkey

    server = valkey.start(tmp_path / "valkey")
    elsewhere(REDIS_URL=server.url)
    yield server
    server.process.send_signal(signal.SIGCONT)
    server.stop()


@pytest.fixture
def no_postgres():
    """Give a URL where nobody listens."""
    from local.server import free_port

    return f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"


@pytest.fixture
def small_memory(client):
    """Let a test say how many bytes the real Redis may use."""
    from worker.inbox import redis

    before = redis().config_get("maxmemory")["maxmemory"]
    yield lambda size: redis().config_set("maxmemory", int(size))
    redis().config_set("maxmemory", before or 0)


@pytest.fixture
def setting(client):
    """Let a test set a setting: `setting("INBOX_MAX_ENTRIES", 4)`."""
    from settings import settings

    with pytest.MonkeyPatch.context() as patch:

        def set_to(name, value):
            patch.setitem(os.environ, name, str(value))
            settings.cache_clear()

        yield set_to
    settings.cache_clear()


@pytest.fixture(scope="module")
def shared(tables, tmp_path_factory):
    """Give a receiver under gunicorn that several tests may use; none of them ends it."""
    from local import child
    from tests.receiver.served import Served

    shared = Served(tmp_path_factory.mktemp("receiver"))
    yield shared
    child.end(shared.process)


@pytest.fixture
def served(shared, clean, until):
    until(shared.answers)
    return shared


@pytest.fixture
def doomed(clean, tmp_path, request):
    """Give a receiver that is about to start, for the test that ends it.

    A test's parameter is the command that starts gunicorn, where that needs one.
    """
    from local import child
    from tests.receiver.served import Served

    doomed = Served(tmp_path, *getattr(request, "param", ()))
    yield doomed
    child.end(doomed.process)
