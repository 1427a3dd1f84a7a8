"""Try again what failed: one event at a time, under a lease, each attempt counted beforehand."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from db.session import transaction
from fault_points import reach
from integrations.errors import Deferred
from integrations.interface import Integration
from settings import settings
from telemetry import describe, log, work
from worker import bell, bodies, inbox, leases
from worker.faults import ours, suspicious
from worker.leases import Lease
from worker.ledger import Record
from worker.measures import EVENTS, count
from worker.pipeline import Work, carry_out, judge, understand
from worker.retry import RetryPolicy
from worker.slots import slot

_log = log(__name__)


def retry(service: Integration, policy: RetryPolicy) -> str:
    """Attempt what is due, until nothing is or the slice is spent; return the counts.

    A service holds at most half of the threads, so that one that hangs never stops another.
    """
    with slot(service.name) as free:
        if not free:
            return "busy"
        return "resting" if inbox.resting(service.name) else _retry(service, policy)


def _retry(service: Integration, policy: RetryPolicy) -> str:
    counts: Counter[str] = Counter()
    try:
        counts.update(_outcomes(service, policy))
    except Exception as error:
        inbox.rest(service.name, settings().inbox.rest_seconds)
        if not (ours(error) or isinstance(error, RedisError)):
            raise
        _log.warning("retry.rests", service=service.name, error=describe(error))
    finally:
        count(EVENTS, service.name, counts)
    return " ".join(f"{name}={n}" for name, n in sorted(counts.items())) or "nothing done"


def _outcomes(service: Integration, policy: RetryPolicy) -> Iterator[str]:
    """Yield what became of one event after the other, until none is due or time is up."""
    end = time.monotonic() + settings().inbox.time_slice_seconds
    while lease := leases.lease(service.name):
        reach("retry.leased")
        yield attempt(service, policy, lease)
        if time.monotonic() >= end:
            bell.ring(f"{service.name}.retry")
            return


def attempt(service: Integration, policy: RetryPolicy, lease: Lease) -> str:
    """Make the attempt; return the event's status after it, or `let go` if the lease had passed.

    It is `waiting` where nothing could be tried yet, as while its body cannot be fetched. Then the
    attempt does not count, and neither does one that raises what is `ours`.
    """
    about = {"service": service.name, "event_id": lease.event_id, "attempt": lease.attempt}
    with work(f"retry {service.name}", "queue.process", **about):
        return _attempted(service, policy, lease)


def _attempted(service: Integration, policy: RetryPolicy, lease: Lease) -> str:
    if lease.attempt > policy.attempts + 1:  # one more: an outage may have spent the last
        return _settle(lease, _killer(lease))
    record = Record(lease.delivery, lease.event_id, "", attempts=lease.attempt)
    try:
        lease = _rid_of_secrets(service, _whole(lease))
        work = understand(service, policy, lease.delivery, lease.attempt)
        record = work.record
        with transaction() as session:
            return _carry_out(session, lease, work)
    except Deferred as error:
        leases.give_back(service.name, lease, wait=error.wait, error=describe(error))
        return "waiting"
    except Exception as error:
        if ours(error) and not suspicious(error):
            leases.give_back(service.name, lease)
            raise
        return _settle(lease, judge(record, error, policy))


def _whole(lease: Lease) -> Lease:
    """Fetch an archived body. Raises Transient, Permanent, Deferred."""
    return replace(lease, delivery=bodies.whole(lease.delivery, lease.event_id, lease.archived))


def _rid_of_secrets(service: Integration, lease: Lease) -> Lease:
    """Take out the secrets of what was entered unread, for good: the attempt may end the process.

    What gave up on it then must not look into it, and leaves what it finds.
    """
    safe = service.safe(lease.delivery)
    return lease if safe is lease.delivery else leases.rewrite(lease, safe)


def _killer(lease: Lease) -> Record:
    last = lease.attempt - 1
    error = f"the worker ended during attempt {last}; before that: {lease.error or 'no error'}"
    return Record(lease.delivery, lease.event_id, "dead", attempts=last, error=error)


def _settle(lease: Lease, record: Record) -> str:
    with transaction() as session:
        return record.status if leases.settle(session, lease, record) else "let go"


def _carry_out(session: Session, lease: Lease, work: Work) -> str:
    """Settle first, so that who lost the lease does nothing; then do what the event asks for."""
    lease, work = _named(session, lease, work)
    if not leases.settle(session, lease, work.record):
        return "let go"
    carry_out(session, [work])
    reach("retry.written")
    return work.record.status


def _named(session: Session, lease: Lease, work: Work) -> tuple[Lease, Work]:
    """Give what was entered unread the id that it says it has; that one must stay unique."""
    if work.event is None or work.event.id == lease.event_id:
        return lease, work
    if renamed := leases.rename(session, lease, work.event.id):
        return renamed, work
    same = replace(work.record, status="ignored", reason=f"the same as {work.event.id}")
    return lease, replace(work, record=same)
