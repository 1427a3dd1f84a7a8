"""Answer a doorbell: apply what waits for a service until nothing is left or time is up."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence

from redis.exceptions import RedisError

from fault_points import reach
from integrations.interface import Delivery, Integration
from settings import settings
from telemetry import bound, describe, log
from worker import bell, inbox, leases, ledger
from worker.faults import ours, suspicious
from worker.inbox import Entry
from worker.measures import EVENTS, Tally
from worker.observed import applying
from worker.pipeline import apply, understand
from worker.retry import RetryPolicy

MOST_TAKINGS = 3  # an entry taken more often may be what ends the processes that take it

_log = log(__name__)


def drain(service: Integration, policy: RetryPolicy) -> str:
    """Apply what waits; return the counts, as Flower shows them."""
    with bound(service=service.name):
        return "resting" if inbox.resting(service.name) else _drain(service, policy)


def _drain(service: Integration, policy: RetryPolicy) -> str:
    tally = Tally()
    counts: Counter[str] = Counter()
    end = time.monotonic() + settings().inbox.time_slice_seconds
    try:
        for outcome in _outcomes(service, policy, tally):
            counts += outcome
            if time.monotonic() >= end:
                bell.ring(f"{service.name}.drain")
                break
    except Exception as error:
        inbox.rest(service.name, settings().inbox.rest_seconds)
        if not (ours(error) or isinstance(error, RedisError)):
            raise
        _log.warning("drain.rests", error=describe(error))
    finally:
        tally.counts(EVENTS, service.name, counts)
        tally.write()
    return _report(service.name, counts)


def _report(service: str, counts: Counter[str]) -> str:
    # what is left after a drain may be in another's hands: who rings for that, spins
    left = inbox.backlog(service).waiting
    if counts:
        _log.info("drained", left=left, **counts)
    return " ".join(f"{name}={count}" for name, count in [*sorted(counts.items()), ("left", left)])


def _outcomes(service: Integration, policy: RetryPolicy, tally: Tally) -> Iterator[Counter[str]]:
    """Yield the counts of one batch after the other, until nothing waits."""
    limits = settings().inbox
    for entry in inbox.reclaim(service.name, limits.reclaim_idle_seconds):
        reach("drain.reclaimed")
        yield _again(service, policy, entry, tally)
    while batch := inbox.take(service.name, limits.batch_size):
        reach("drain.taken")
        yield _settled(service, policy, batch, tally)
    while fallen := leases.fallen_back(service.name, limits.batch_size):
        reach("drain.leased")
        yield _applied(service, policy, fallen, tally)


def _applied(
    service: Integration, policy: RetryPolicy, deliveries: Sequence[Delivery], tally: Tally
) -> Counter[str]:
    with applying(service.name, deliveries, tally):
        return apply(service, policy, [understand(service, policy, d) for d in deliveries])


def _settled(
    service: Integration, policy: RetryPolicy, batch: Sequence[Entry], tally: Tally
) -> Counter[str]:
    """Apply a batch and forget it; if that breaks, hand it back."""
    try:
        counts = _applied(service, policy, [entry.delivery for entry in batch], tally)
    except Exception as error:
        outage = ours(error) and not suspicious(error)
        idle = settings().inbox.reclaim_idle_seconds
        inbox.hand_back(service.name, batch, idle, counted=not outage)
        raise
    reach("drain.committed")
    inbox.done(service.name, batch)
    return counts


def _again(service: Integration, policy: RetryPolicy, entry: Entry, tally: Tally) -> Counter[str]:
    """Apply an entry whose worker died. After too many, the retry path, which counts, takes it."""
    if entry.times <= MOST_TAKINGS:
        return _settled(service, policy, [entry], tally)
    # unread: reading it may be what kills
    record = ledger.Record(
        entry.delivery, ledger.unread_id(entry.delivery), "retrying", attempts=0, retry_in=0
    )
    ledger.keep(record)
    reach("drain.handed_on")
    inbox.done(service.name, [entry])
    return Counter(retrying=1)
