"""The console's application of this process, with a user and stores that are real.

Imports stand in the fixtures: pytest may load this before the stores run that settings name.
"""

import os
import re
import time
from types import SimpleNamespace

import pytest

NAME, PASSWORD = "ann", "correct horse battery"
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@pytest.fixture(scope="session")
def hashed():
    from console.passwords import hashed

    return hashed(PASSWORD, log_n=14, p=1)  # quicker than those that people get


@pytest.fixture(scope="session")
def setup(hashed):
    return {"CONSOLE_USERS": f"{NAME}:{hashed}", "CONSOLE_SECRET": "s" * 32}


@pytest.fixture
def console(clean, setup):
    """Make an application, with more settings if given: `console(CONSOLE_URL=...)`."""
    from settings import settings

    with pytest.MonkeyPatch.context() as patch:

        def made(**more):
            for name, value in {**setup, **more}.items():
                patch.setitem(os.environ, name, value)
            settings.cache_clear()
            from console import login
            from console.app import create_app

            login._failed.clear()
            return create_app()

        yield made
    settings.cache_clear()


def token(answer):
    """Return the CSRF token of a page."""
    return _TOKEN.findall(answer.text)[0]


def sign_in(app, **how):
    """Return a client that is signed in."""
    client = app.test_client()
    form = {"user": NAME, "password": PASSWORD, "csrf": token(client.get("/login")), **how}
    assert client.post("/login", data=form).status_code == 303
    return client


@pytest.fixture
def signed_in(console):
    return sign_in(console())


@pytest.fixture
def event(sql):
    """Put an event into the ledger, without the pipeline: `event("evt_1", status="dead")`."""

    def put(id="evt_1", *, ago=60.0, body=b'{"id":"evt_1","email":"ada@example.org"}', **more):
        row = {
            "service": "stripe",
            "event_id": id,
            "endpoint": "",
            "account": "",
            "type": "customer.updated",
            "status": "handled",
            "attempts": 1,
            "body": body,
        } | more
        names = ", ".join([*row, "received_at", "settled_at"])
        values = ", ".join(["%s"] * len(row))
        at = f"now() - interval '{ago} seconds'"
        settled = at if row["status"] in {"handled", "ignored", "dead", "discarded"} else "NULL"
        sql.execute(
            f"INSERT INTO events ({names}) VALUES ({values}, {at}, {settled})", list(row.values())
        )

    return put


@pytest.fixture
def actions(sql):
    """Give what the audit log holds: (by, action, service, target)."""
    query = 'SELECT "by", action, service, target FROM console_actions ORDER BY id'
    return lambda: sql.execute(query).fetchall()


@pytest.fixture
def clock(monkeypatch):
    """Let the console's clocks jump ahead: `clock.ahead += 3600`."""
    from console import login, who

    clock = SimpleNamespace(ahead=0.0)
    clock.monotonic = lambda: time.monotonic() + clock.ahead
    monkeypatch.setattr(login, "time", clock)
    monkeypatch.setattr(who, "time", lambda: time.time() + clock.ahead)
    return clock
