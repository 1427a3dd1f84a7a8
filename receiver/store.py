"""Where an accepted delivery goes: into its stream, else into the ledger, else nowhere and 503."""

import threading

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from integrations import INTEGRATIONS
from integrations.errors import Unreadable
from integrations.interface import Delivery
from receiver.line import Line
from receiver.ringer import Ringer
from settings import settings
from telemetry import describe, log
from worker import ledger

RETRY_AFTER = 30  # seconds
_FALLING = threading.BoundedSemaphore(4)  # a Postgres that hangs holds so many threads, no more

_log = log(__name__)
_line = Line()
_ringer = Ringer()


class Unavailable(Exception):
    """Neither store took the delivery. `retry_after` is in seconds."""

    retry_after = RETRY_AFTER


def keep(delivery: Delivery) -> str:
    """Store a delivery; return "accepted" or "fallen_back". Raises Unavailable."""
    if _line.open(delivery.service):
        try:
            waiting_bells = _line.send(delivery)
        except RedisError as error:
            _log.warning("receive.redis", service=delivery.service, error=describe(error))
        else:
            if waiting_bells < settings().inbox.doorbells:
                _ringer.ring(f"{delivery.service}.drain")
            return "accepted"
    _fall_back(delivery)
    return "fallen_back"


def _fall_back(delivery: Delivery) -> None:
    if not _FALLING.acquire(blocking=False):
        raise Unavailable
    try:
        ledger.keep(ledger.Record(delivery, _id(delivery), "received", attempts=0))
    except SQLAlchemyError as error:
        _log.error("receive.postgres", service=delivery.service, error=describe(error))
        raise Unavailable from error
    finally:
        _FALLING.release()


def _id(delivery: Delivery) -> str:
    try:
        return INTEGRATIONS[delivery.service].read(delivery).id
    except Unreadable:  # the drain will say why
        return ledger.unread_id(delivery)


def ready() -> bool:
    """Return whether Redis takes deliveries now."""
    return _line.ready()
