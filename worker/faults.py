"""Whose fault an error is: ours (a store is away, we are stopped) or the delivery's."""

from celery.exceptions import SoftTimeLimitExceeded
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from integrations.errors import Permanent

# https://www.postgresql.org/docs/current/errcodes-appendix.html: connection, resources, shutdown,
# serialization, deadlock, lock timeout
_OURS = ("08", "53", "57P", "40001", "40P01", "55P03")
_CONTENDED = ("40001", "40P01", "55P03")
# values and limits: the same statement will raise it again. A constraint (23) may hold later, when
# the row it asks for has come
_PERMANENT = ("22", "54")


def ours(error: BaseException) -> bool:
    """Return whether the error says nothing about the delivery: then nothing is judged.

    Redis is not asked for inside a transaction: an error of it there is some handler's own.
    """
    if isinstance(error, SoftTimeLimitExceeded | PoolTimeout | InterfaceError):
        return True
    if isinstance(error, DBAPIError):
        state = sqlstate(error)
        return state.startswith(_OURS) if state else isinstance(error, OperationalError)
    return False


def suspicious(error: BaseException) -> bool:
    """Return whether the delivery may bring it about: a lock or a wait without end, no outage."""
    if isinstance(error, DBAPIError):
        return sqlstate(error) in _CONTENDED
    return isinstance(error, SoftTimeLimitExceeded)


def sqlstate(error: DBAPIError) -> str:
    """Return the five characters, '' where the server did not get to say anything."""
    return getattr(error.orig, "sqlstate", None) or ""


def permanent(error: BaseException) -> bool:
    """Return whether trying again cannot help."""
    if isinstance(error, DBAPIError):
        return sqlstate(error).startswith(_PERMANENT)
    return isinstance(error, Permanent)
