"""Past Redis: a delivery goes straight into the ledger, from where upkeep has it drained."""

import threading

from sqlalchemy.exc import SQLAlchemyError

from fault_points import reach
from integrations import INTEGRATIONS
from integrations.errors import Unreadable
from integrations.interface import Delivery
from telemetry import describe, log
from worker import ledger

RETRY_AFTER = 30  # seconds
_FALLING = threading.BoundedSemaphore(4)  # a Postgres that hangs holds so many threads, no more

_log = log(__name__)


class Unavailable(Exception):
    """Neither store took the delivery. `retry_after` is in seconds."""

    retry_after = RETRY_AFTER


def keep(delivery: Delivery) -> None:
    """Enter the delivery as `received`, or know it already. Raises Unavailable, soon.

    It waits without its secrets, where it can be read.
    """
    if not _FALLING.acquire(blocking=False):
        raise Unavailable
    try:
        ledger.keep(_record(delivery))
        reach("receiver.fallen")
    except SQLAlchemyError as error:
        _log.error("receive.postgres", service=delivery.service, error=describe(error))
        raise Unavailable from error
    finally:
        _FALLING.release()


def _record(delivery: Delivery) -> ledger.Record:
    service = INTEGRATIONS[delivery.service]
    safe = service.safe(delivery)
    try:
        return ledger.Record(safe, service.read(safe).id, "received", attempts=0)
    except Unreadable:  # the drain will say why, of the same bytes: they are its id
        return ledger.Record(delivery, ledger.unread_id(delivery), "received", attempts=0)
