"""One real Postgres and one real Redis for each process of tests, empty for every test."""

import base64
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import psycopg
import pytest

from local.stores import stores

if TYPE_CHECKING:
    from simulator.oauth_server import OAuthServer
    from tests.cloudflare_queue import FakeQueue

_running = ExitStack()

_KEYS = ("R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY")
BOUND_SECONDS = 60  # for what a test waits for: only a failure takes that long

STRIPE_SECRET = "whsec_" + secrets.token_hex(16)
OLD_STRIPE_SECRET = "whsec_" + secrets.token_hex(16)
CONNECT_SECRET = "whsec_" + secrets.token_hex(16)
CLERK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LOOPS_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSy"
POSTHOG_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSz"
SHARED_SECRET = secrets.token_hex(16)
ENCRYPTION_KEY = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
R2_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx"

# No test may depend on the developer's own environment, and none may reach their stores unless
# these are named for the purpose.
_SETTINGS = {
    "STRIPE_WEBHOOK_SECRETS": f"{STRIPE_SECRET},{OLD_STRIPE_SECRET}",
    "STRIPE_WEBHOOK_SECRETS__CONNECT": CONNECT_SECRET,
    "CLERK_WEBHOOK_SECRETS": CLERK_SECRET,
    "LOOPS_WEBHOOK_SECRETS": LOOPS_SECRET,
    "POSTHOG_WEBHOOK_SECRETS": POSTHOG_SECRET,
    "POSTHOG_WEBHOOK_SECRETS__SHARED": SHARED_SECRET,
    "R2_WEBHOOK_SECRETS": R2_SECRET,
    "STRIPE_API_KEY": "",
    "ENCRYPTION_KEYS": ENCRYPTION_KEY,
    "SENTRY_DSN": "",
    "HANDLERS": "tests.handlers",
    "DATABASE_SCHEMA": "tallyman_test",
}


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the stores before anything is imported that reads the settings, our plugin's too."""
    if config.getoption("numprocesses", None):
        return  # each of those processes runs this, and has stores of its own
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
    with _running:
        if "db.session" in sys.modules:
            sys.modules["db.session"].engine().dispose()


@pytest.fixture(scope="session")
def tables() -> None:
    """Migrate once."""
    from db import migrate

    _forget_the_last_tests()
    migrate.downgrade("base")
    migrate.upgrade()


def _forget_the_last_tests() -> None:
    """Empty a ledger that stood: with archived events in it no downgrade forgets where they are."""
    from db.session import engine

    with engine().begin() as connection:
        connection.exec_driver_sql(
            "DO $$ BEGIN TRUNCATE tallyman_test.events; "
            "EXCEPTION WHEN undefined_table OR invalid_schema_name THEN NULL; END $$"
        )


@pytest.fixture
def clean(tables: None) -> None:
    """Empty both stores."""
    from db.base import Base
    from db.session import engine
    from integrations import INTEGRATIONS
    from integrations.targets import TARGETS
    from worker.inbox import redis

    names = ", ".join(table.fullname for table in Base.metadata.sorted_tables)
    with engine().begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {names}")
    ours = (*INTEGRATIONS, *TARGETS, "oauth.", "tallyman:", "upkeep", "alerts")
    ours += ("_kombu", "unacked")
    for key in redis().scan_iter(count=1000):
        if key.startswith(tuple(map(str.encode, ours))):
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


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a stand-in for R2, which runs until the last test."""
    from local import moto

    server = moto.start(tmp_path_factory.mktemp("moto"))
    yield server.url
    server.stop()


@pytest.fixture
def bucket(moto: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """R2 is configured, with an empty bucket of that name."""
    from integrations.r2.client import client
    from settings import settings

    name = f"test-{secrets.token_hex(8)}"
    given = {"R2_ENDPOINT_URL": moto, "R2_BUCKET": name}
    for variable, value in (given | dict.fromkeys(_KEYS, "test")).items():
        monkeypatch.setenv(variable, value)
    settings.cache_clear()
    # moto takes no bucket in R2's only region without this
    client().create_bucket(
        Bucket=name,
        CreateBucketConfiguration={"LocationConstraint": "auto"},  # type: ignore[typeddict-item]
    )
    yield name
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def set_to(clean: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Set settings meanwhile: `set_to(OAUTH_COOLDOWN_SECONDS=1)`."""
    from settings import settings

    def change(**given: object) -> None:
        for name, value in given.items():
            monkeypatch.setenv(name, str(value))
        settings.cache_clear()

    yield change
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def authority(set_to: Callable[..., None]) -> Iterator["OAuthServer"]:
    """An authorisation server on loopback, at which the provider `loopback` is."""
    from integrations.oauth.providers import providers
    from simulator.oauth_server import oauth_server
    from tests import oauth_loopback

    with oauth_server(redirect_uris=[oauth_loopback.BACK]) as running:
        set_to(**{oauth_loopback.AT: running.url, "OAUTH_PROVIDERS": oauth_loopback.__name__})
        providers.cache_clear()
        yield running
    providers.cache_clear()


@pytest.fixture
def queue(clean: None, monkeypatch: pytest.MonkeyPatch) -> Iterator["FakeQueue"]:
    """A Cloudflare Queue is configured; it is empty."""
    import cloudflare  # noqa: F401  before its transport's name is taken
    import httpx

    from integrations.r2 import queue
    from settings import settings
    from tests.cloudflare_queue import FakeQueue

    fake = FakeQueue()
    given = {"ACCOUNT_ID": "acc_1", "API_TOKEN": secrets.token_hex(8), "QUEUE_ID": "queue_1"}
    for name, value in given.items():
        monkeypatch.setenv(f"CLOUDFLARE_{name}", value)
    monkeypatch.setattr(httpx, "HTTPTransport", lambda: httpx.MockTransport(fake))
    settings.cache_clear()
    queue._made.cache_clear()
    yield fake
    monkeypatch.undo()
    settings.cache_clear()
