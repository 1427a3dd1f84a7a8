"""The engine of this process, and the transaction that all work on the database happens in."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session

from settings import settings

_LIMITS = {
    "lock_timeout": "5s",
    "statement_timeout": "25s",
    "idle_in_transaction_session_timeout": "60s",
}
hurry: ContextVar[int | None] = ContextVar("hurry", default=None)
"""Milliseconds that a statement may take here, where somebody waits who is to get no less soon."""


@cache
def engine() -> Engine:
    """Return this process' engine. Made at the first call, so never before a fork."""
    return create_engine(
        settings().stores.database_url,
        hide_parameters=True,  # they hold bodies, and errors are printed
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


class Spoilt(Exception):
    """What ran inside the transaction ended it, or hid an error after which nothing is kept."""


@contextmanager
def transaction() -> Iterator[Session]:
    """Yield a session that commits at the end, or rolls back whatever was raised.

    Raises Spoilt where Postgres would answer the commit by rolling back without an error.
    """
    with Session(engine()) as session, session.begin() as begun:
        event.listen(session, "before_commit", _refuse_commit)
        if limit := hurry.get():
            session.execute(text(f"SET LOCAL statement_timeout = {limit}"))
        yield session
        event.remove(session, "before_commit", _refuse_commit)
        if not begun.is_active:
            raise Spoilt("the transaction was committed or rolled back inside")
        if _failed(session):
            raise Spoilt("a database error was caught inside the transaction, without a savepoint")


def _refuse_commit(session: Session) -> None:
    """Keep a handler from making half of a batch durable; savepoints are its own."""
    if not session.in_nested_transaction():
        raise Spoilt("the transaction is committed outside, not by what runs in it")


def _failed(session: Session) -> bool:
    """Return what the connection knows by itself: this asks nothing of the server."""
    connection: Any = session.connection().connection.dbapi_connection
    return bool(connection.info.transaction_status == TransactionStatus.INERROR)
