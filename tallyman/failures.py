"""What a command says when a store is away or refuses."""

from redis import exceptions as redis
from sqlalchemy.exc import OperationalError, ProgrammingError

from integrations.errors import Deferred, Permanent, Transient
from integrations.oauth.providers import BadProvidersError
from telemetry import describe

_REFUSED = (redis.AuthenticationError, redis.AuthorizationError)  # ConnectionErrors, by descent
_OF_THE_PROOF = {"proof", "hypothesis", "psutil"}  # the image has none of them
_UNDEFINED_TABLE = "42P01"


def explained(error: Exception) -> str:
    """Return what is wrong and what to do next; nothing for an error that is our own fault."""
    match error:
        case ModuleNotFoundError() if error.name in _OF_THE_PROOF:
            return "the proof runs in a checkout, with its development packages. Next: ./run setup"
        case BadProvidersError() | Deferred():
            return str(error)
        case Transient() | Permanent():
            return f"a service did not do it: {error}"
    return _of_a_store(error)


def _of_a_store(error: Exception) -> str:
    match error:
        case redis.RedisError():
            return _of_redis(error)
        case OperationalError():
            return _away("Postgres", error, "DATABASE_URL")
        case ProgrammingError() if getattr(error.orig, "sqlstate", "") == _UNDEFINED_TABLE:
            return "the tables are not there yet. Next: tallyman migrate"
    return ""


def _of_redis(error: redis.RedisError) -> str:
    silent = isinstance(error, redis.ConnectionError | redis.TimeoutError)
    if silent and not isinstance(error, _REFUSED):
        return _away("Redis", error, "REDIS_URL")
    return f"Redis refused: {describe(error)}. Next: tallyman doctor"


def _away(store: str, error: Exception, setting: str) -> str:
    return (
        f"{store} does not answer ({describe(error)}). Next: start everything with `tallyman up`, "
        f"or check {setting} (`tallyman doctor` says more)"
    )
