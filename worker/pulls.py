"""Pull what a queue has for a service into the ledger; only then is it acknowledged.

It comes in as what fell back past Redis does: `received`, and drained like that. So a message that
comes again is known, and one that ends its worker is counted like any other.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from db.session import transaction
from fault_points import reach
from integrations.errors import Deferred, Transient, Unreadable
from integrations.interface import Delivery, Integration
from integrations.r2 import queue
from integrations.r2.queue import BATCH, Message
from settings import settings
from telemetry import describe, log
from worker import bell, ledger
from worker.slots import slot

_log = log(__name__)


def pull(service: Integration) -> str:
    """Pull until nothing waits or the slice is spent; return how many came, and of these how new.

    Where the queue cannot be reached, that is logged, and the next turn tries again.
    """
    with slot(service.name) as free:
        if not free:
            return "busy"
        try:
            return _pulled(service)
        except (Transient, Deferred) as error:
            _log.warning("pull.failed", service=service.name, error=describe(error))
            return "failed"


def _pulled(service: Integration) -> str:
    """Return the counts. Raises Transient, Permanent, Deferred; what is kept is kept."""
    pulled = new = 0
    end = time.monotonic() + settings().inbox.time_slice_seconds
    while messages := queue.pull(BATCH):
        new += _kept(service, messages)
        reach("pull.kept")
        bell.ring(f"{service.name}.drain")
        queue.acknowledge([message.lease for message in messages])
        pulled += len(messages)
        if time.monotonic() >= end:
            bell.ring(f"{service.name}.sync.queue")
            break
    return f"pulled={pulled} new={new}"


def _kept(service: Integration, messages: Sequence[Message]) -> int:
    """Enter the messages into the ledger in one transaction; return how many it did not know."""
    now = datetime.now(UTC)
    deliveries = [Delivery(service.name, "", m.body, {}, now) for m in messages]
    records = [ledger.Record(d, _id(service, d), "received", attempts=0) for d in deliveries]
    with transaction() as session:
        return len(ledger.claim(session, records))


def _id(service: Integration, delivery: Delivery) -> str:
    try:
        return service.read(delivery).id
    except Unreadable:  # the drain will say why
        return ledger.unread_id(delivery)
