"""One real Postgres and one real Redis for the whole run, empty for every test."""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest

from local.stores import stores

_running = ExitStack()

BOUND_SECONDS = 60  # for what a test waits for: only a failure takes that long

STRIPE_SECRET = "whsec_" + secrets.token_hex(16)
OLD_STRIPE_SECRET = "whsec_" + secrets.token_hex(16)
CONNECT_SECRET = "whsec_" + secrets.token_hex(16)
CLERK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

# No test may depend on the developer's own environment, and none may reach their stores unless
# these are named for the purpose.
_SETTINGS = {
    "STRIPE_WEBHOOK_SECRETS": f"{STRIPE_SECRET},{OLD_STRIPE_SECRET}",
    "STRIPE_WEBHOOK_SECRETS__CONNECT": CONNECT_SECRET,
    "CLERK_WEBHOOK_SECRETS": CLERK_SECRET,
    "STRIPE_API_KEY": "",
    "SENTRY_DSN": "",
    "HANDLERS": "tests.handlers",
    "DATABASE_SCHEMA": "tallyman_test",
}


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Start the stores before anything is imported that reads the settings, our plugin's too."""
    given = {name: os.environ.get(name) for name in ("DATABASE_URL", "REDIS_URL")}
    _forget_the_developers_settings()
    running = _running.enter_context(
        stores(None, database_url=given["DATABASE_URL"], redis_url=given["REDIS_URL"])
    )
    os.environ |= _SETTINGS | {
        "DATABASE_URL": running.database_url,
        "REDIS_URL": running.redis_url,
    }


def _forget_the_developers_settings() -> None:
    os.environ["TALLYMAN_NO_ENV_FILES"] = "1"  # the files are found when the module is imported
    from settings import Group

    known = {name.upper() for group in Group.__subclasses__() for name in group.model_fields}
    for name in list(os.environ):
        if name.upper() in known or "_WEBHOOK_SECRETS" in name.upper():
            del os.environ[name]


def pytest_unconfigure() -> None:
    """End what was started."""
    from db.session import engine

    engine().dispose()
    _running.close()


@pytest.fixture(scope="session")
def tables() -> None:
    """Migrate once."""
    from db import migrate

    migrate.downgrade("base")
    migrate.upgrade()


@pytest.fixture
def clean(tables: None) -> None:
    """Empty both stores."""
    from db.base import Base
    from db.session import engine
    from worker.inbox import redis

    names = ", ".join(table.fullname for table in Base.metadata.sorted_tables)
    with engine().begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {names}")
    for key in redis().scan_iter(count=1000):
        if key.startswith((b"tallyman:", b"stripe", b"clerk", b"upkeep", b"_kombu", b"unacked")):
            redis().delete(key)


@pytest.fixture
def sql(clean: None) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection of the test's own, which sees only what is committed."""
    with psycopg.connect(
        os.environ["DATABASE_URL"], autocommit=True, options="-c search_path=tallyman_test,public"
    ) as connection:
        yield connection


@pytest.fixture
def until():
    """Wait until a condition holds, doing something meanwhile, and give what it returned."""

    def wait(condition, meanwhile=lambda: None):
        give_up = time.monotonic() + BOUND_SECONDS
        while not (found := condition()):
            meanwhile()
            assert time.monotonic() < give_up, "it did not come true in time"
            time.sleep(0.02)
        return found

    return wait
