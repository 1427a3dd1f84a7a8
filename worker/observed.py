"""What is told of work: how long deliveries wait, batches take, how traces and syncs end."""

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from integrations.interface import Delivery
from telemetry import log, traces, work
from worker.measures import APPLY, SYNCS, WAIT, Tally
from worker.syncs.runs import Run

_log = log(__name__)


@contextmanager
def applying(service: str, deliveries: Sequence[Delivery], tally: Tally) -> Iterator[None]:
    """Measure the batch that this block applies; what breaks it is traced, but not measured."""
    taken, failed = time.time(), True
    try:
        yield
        failed = False
    finally:
        ended = max(taken, time.time())
        for delivery in deliveries:
            if delivery.trace:
                _trace(delivery, taken, ended, failed=failed)
        if not failed:
            # the clock of Redis, or of another host, may be ahead of ours
            waits = [max(0.0, taken - one.received_at.timestamp()) for one in deliveries]
            tally.times(WAIT, service, waits)
            tally.times(APPLY, service, [ended - taken])


def _trace(delivery: Delivery, taken: float, ended: float, *, failed: bool) -> None:
    """Tell of one delivery as if the batch had been its own; its trace began in the receiver."""
    wait = max(0.0, taken - delivery.received_at.timestamp())
    attributes = {
        "messaging.system": "tallyman",
        "messaging.destination.name": delivery.service,
        "messaging.message.receive.latency": round(wait * 1000),  # milliseconds
        "messaging.message.body.size": len(delivery.body),
    }
    name = f"apply {delivery.service}"
    span = traces.begin(name, "queue.process", attributes, parent=delivery.trace, at=taken)
    if span:
        span.end(at=ended, failed=failed)


def syncing(run: Run) -> AbstractContextManager[None]:
    """Have every line in this block say which run of a sync it is about, and trace the slice."""
    about = {"service": run.service, "sync": run.name, "kind": run.kind, "run": run.id}
    return work(f"sync {run.service}.{run.name}", "task", **about)


def synced(run: Run, status: str) -> None:
    """Tell how a slice of a run ended."""
    tally = Tally()
    tally.count(SYNCS, run.service, run.kind, status)
    tally.write()
    name, kind = run.name, run.kind
    _log.info("synced", service=run.service, name=name, kind=kind, run=run.id, status=status)
