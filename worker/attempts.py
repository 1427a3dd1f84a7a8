"""Try again what failed: one event at a time, under a lease, each attempt counted beforehand."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from threading import BoundedSemaphore

from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from db.session import transaction
from integrations.interface import Integration
from settings import settings
from telemetry import describe, log
from worker import bell, inbox, leases
from worker.faults import ours
from worker.leases import Lease
from worker.ledger import Record
from worker.pipeline import Work, carry_out, judge, understand
from worker.retry import RetryPolicy

_log = log(__name__)
_slots: defaultdict[str, BoundedSemaphore] = defaultdict(BoundedSemaphore)


def share(threads: int) -> None:
    """Let a service hold at most half of this process' threads from now on."""
    _slots.clear()
    _slots.default_factory = partial(BoundedSemaphore, max(1, threads // 2))


def retry(service: Integration, policy: RetryPolicy) -> str:
    """Attempt what is due, until nothing is or the slice is spent; return the counts.

    A service holds at most half of the threads, so that one that hangs never stops another.
    """
    slots = _slots[service.name]
    if not slots.acquire(blocking=False):
        return "busy"
    try:
        return "resting" if inbox.resting(service.name) else _retry(service, policy)
    finally:
        slots.release()


def _retry(service: Integration, policy: RetryPolicy) -> str:
    counts: Counter[str] = Counter()
    try:
        counts.update(_outcomes(service, policy))
    except Exception as error:
        if not (ours(error) or isinstance(error, RedisError)):
            raise
        _log.warning("retry.rests", service=service.name, error=describe(error))
        inbox.rest(service.name, settings().inbox.rest_seconds)
    return " ".join(f"{name}={count}" for name, count in sorted(counts.items())) or "nothing done"


def _outcomes(service: Integration, policy: RetryPolicy) -> Iterator[str]:
    """Yield what became of one event after the other, until none is due or time is up."""
    end = time.monotonic() + settings().inbox.time_slice_seconds
    while lease := leases.lease(service.name):
        yield attempt(service, policy, lease)
        if time.monotonic() >= end:
            bell.ring(f"{service.name}.retry")
            return


def attempt(service: Integration, policy: RetryPolicy, lease: Lease) -> str:
    """Make the attempt; return the event's status after it, or `let go` if the lease had passed.

    Raises what is `ours`: then the attempt does not count.
    """
    if lease.attempt > policy.attempts:
        return _settle(lease, _killer(lease))
    work = understand(service, policy, lease.delivery, lease.attempt)
    try:
        with transaction() as session:
            return _carry_out(session, lease, work)
    except Exception as error:
        if ours(error):
            leases.give_back(service.name, lease)
            raise
        return _settle(lease, judge(work.record, error, policy))


def _killer(lease: Lease) -> Record:
    error = lease.error or f"the worker ended during each of {lease.attempt - 1} attempts"
    return Record(lease.delivery, lease.event_id, "dead", attempts=lease.attempt - 1, error=error)


def _settle(lease: Lease, record: Record) -> str:
    with transaction() as session:
        return record.status if leases.settle(session, lease, record) else "let go"


def _carry_out(session: Session, lease: Lease, work: Work) -> str:
    """Settle first, so that who lost the lease does nothing; then do what the event asks for."""
    lease, work = _named(session, lease, work)
    if not leases.settle(session, lease, work.record):
        return "let go"
    carry_out(session, [work])
    return work.record.status


def _named(session: Session, lease: Lease, work: Work) -> tuple[Lease, Work]:
    """Give what was entered unread the id that it says it has; that one must stay unique."""
    if work.event is None or work.event.id == lease.event_id:
        return lease, work
    if renamed := leases.rename(session, lease, work.event.id):
        return renamed, work
    same = replace(work.record, status="ignored", reason=f"the same as {work.event.id}")
    return lease, replace(work, record=same)
