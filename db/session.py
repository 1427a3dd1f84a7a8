"""The engine of this process, and the transaction that all work on the database happens in."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from settings import settings

_LIMITS = {
    "lock_timeout": "5s",
    "statement_timeout": "25s",
    "idle_in_transaction_session_timeout": "60s",
}


@cache
def engine() -> Engine:
    """Return this process' engine. Made at the first call, so never before a fork."""
    return create_engine(
        settings().stores.database_url,
        pool_size=2,
        max_overflow=20,
        connect_args={
            "connect_timeout": 3,
            "application_name": "tallyman",
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,
            "options": " ".join(f"-c {name}={value}" for name, value in _LIMITS.items()),
        },
    )


@contextmanager
def transaction() -> Iterator[Session]:
    """Yield a session that commits at the end, or rolls back whatever was raised."""
    with Session(engine()) as session, session.begin():
        yield session
