"""How long the statements of a thread may take, where somebody waits who shall not wait long."""

from psycopg.errors import QueryCanceled
from sqlalchemy.exc import OperationalError

from db.session import hurry


def limit(milliseconds: int | None) -> None:
    """Have Postgres give up what takes this thread longer; None is the time that all have."""
    hurry.set(milliseconds)


def limited() -> bool:
    """Return whether somebody waits here who shall not wait long."""
    return hurry.get() is not None


def given_up(error: BaseException) -> bool:
    """Return whether the error is that a statement took too long."""
    return isinstance(error, OperationalError) and isinstance(error.orig, QueryCanceled)
