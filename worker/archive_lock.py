"""Who may move bodies into the archive: nobody while a person is forgotten.

A body that was read, and is stored after that person's objects were listed, would stay there for
ever. The locks are of Postgres, so they hold between processes and end with their connection.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from db.session import engine
from integrations.errors import Transient

_NAME = "hashtext('tallyman archive')"
_PATIENCE = "20s"  # below the time that a statement has


@contextmanager
def storing() -> Iterator[bool]:
    """Give whether bodies may be archived meanwhile; several may do so at once."""
    with _connection() as connection:
        mine = bool(connection.scalar(text(f"SELECT pg_try_advisory_lock_shared({_NAME})")))
        try:
            yield mine
        finally:
            if mine:
                connection.execute(text(f"SELECT pg_advisory_unlock_shared({_NAME})"))


@contextmanager
def alone() -> Iterator[None]:
    """Have nothing archived meanwhile. Raises Transient where that does not end soon."""
    with _connection() as connection:
        _wait(connection)
        try:
            yield
        finally:
            connection.execute(text(f"SELECT pg_advisory_unlock({_NAME})"))


def _connection() -> Connection:
    """Return a connection that is in no transaction between its statements: it may idle."""
    return engine().connect().execution_options(isolation_level="AUTOCOMMIT")


def _wait(connection: Connection) -> None:
    connection.execute(text(f"SET lock_timeout = '{_PATIENCE}'"))
    try:
        connection.execute(text(f"SELECT pg_advisory_lock({_NAME})"))
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        raise Transient("bodies are being archived at the moment: ask again") from None
    finally:
        connection.execute(text("RESET lock_timeout"))
