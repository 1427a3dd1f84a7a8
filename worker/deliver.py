"""Perform what waits for a target: one effect at a time, under a lease, each attempt counted."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from redis.exceptions import RedisError

from db.session import transaction
from fault_points import reach
from integrations import outbound
from integrations.effects import MARGIN, Action, Target
from integrations.errors import Blocked, Deferred, Permanent, Transient, Unreadable
from integrations.interface import Snapshot
from settings import settings
from telemetry import describe, log, work
from worker import bell, effect_leases, fetched, inbox
from worker.effect_leases import Lease, Outcome
from worker.faults import ours, permanent, suspicious
from worker.measures import EFFECTS, count
from worker.outbox import LATE
from worker.retry import RetryPolicy
from worker.slots import slot

UNKNOWN = "outcome unknown: it may have been done, and the service has forgotten the key by now"
_SPARE = 2  # seconds for asking whether the call may be made
_LONGEST_PATIENCE = timedelta(days=1).total_seconds()

_log = log(__name__)


class _LateError(Exception):
    """So much of the lease has passed that a call could come after the next one's."""


def deliver(target: Target, policy: RetryPolicy) -> str:
    """Perform what is due, until nothing is or the slice is spent; return the counts.

    A service holds at most half of the threads, so that one that hangs never stops another.
    """
    with slot(target.name) as free:
        if not free:
            return "busy"
        if not target.on():
            return "off"
        return "resting" if resting(target.name) else _deliver(target, policy)


def resting(target: str) -> bool:
    """Return whether nothing is to be sent to the target now."""
    return inbox.resting(_rests(target)) or target in inbox.paused()


def _rests(target: str) -> str:
    return f"{target}.deliver"


def _deliver(target: Target, policy: RetryPolicy) -> str:
    counts: Counter[str] = Counter()
    try:
        for status in _outcomes(target, policy):
            counts[status] += 1
    except Blocked as blocked:
        counts["deferred"] += 1
        _log.warning("deliver.blocked", target=target.name, error=describe(blocked))
        inbox.rest(_rests(target.name), min(blocked.wait, settings().retry.retry_longest_seconds))
    except Exception as error:
        inbox.rest(_rests(target.name), settings().inbox.rest_seconds)
        if not (ours(error) or isinstance(error, RedisError)):
            raise
        _log.warning("deliver.rests", target=target.name, error=describe(error))
    finally:
        count(EFFECTS, target.name, counts)
    if counts:
        _log.info("delivered", target=target.name, **counts)
    return " ".join(f"{name}={n}" for name, n in sorted(counts.items())) or "nothing done"


def _outcomes(target: Target, policy: RetryPolicy) -> Iterator[str]:
    """Yield what became of one effect after the other, until none is due or time is up."""
    end = time.monotonic() + settings().inbox.time_slice_seconds
    while lease := effect_leases.lease(target.name):
        yield attempt(target, policy, lease)
        if time.monotonic() >= end:
            bell.ring(f"{target.name}.deliver")
            return


def attempt(target: Target, policy: RetryPolicy, lease: Lease) -> str:
    """Make the attempt; return the effect's status after it, or `let go` if the lease had passed.

    Raises what is `ours`, and Blocked: then it was no attempt.
    """
    tried = lease.sending.attempt
    about = {"target": target.name, "effect": lease.id, "action": lease.action, "attempt": tried}
    with work(f"deliver {target.name}", "queue.process", **about):
        return _attempted(target, policy, lease)


def _attempted(target: Target, policy: RetryPolicy, lease: Lease) -> str:
    if refused := _refused(target, policy, lease) or _held(lease):
        return _settle(lease, refused)
    action, called = target.actions[lease.action], False
    try:
        with transaction() as session:
            known = action.read(session, lease.sending)
        _check_lease(lease)
        called = True
        answered = action.send(lease.sending, known)
        reach("deliver.called")
        _keep(target, answered or ())
    except Exception as error:
        status = _settle(lease, _failed(policy, lease, error, called=called))
        if isinstance(error, Blocked) or _outage(error):
            raise
        return status
    return _settle(lease, Outcome("sent", sent=True))


def _check_lease(lease: Lease) -> None:
    """Return if a call that begins now ends before the lease does. Raises _LateError."""
    if lease.ends - time.monotonic() <= outbound.deadline() + _SPARE:
        raise _LateError


def _keep(target: Target, answered: Sequence[Snapshot]) -> None:
    """Write what was answered about objects. It was done, whether we can read the answer or not."""
    try:
        fetched.write(target.name, answered)
    except Unreadable as error:
        _log.warning("deliver.unread", target=target.name, error=describe(error))


def _settle(lease: Lease, outcome: Outcome) -> str:
    kept = effect_leases.settle(lease, outcome)
    reach("deliver.settled")
    return outcome.status if kept else "let go"


def _refused(target: Target, policy: RetryPolicy, lease: Lease) -> Outcome | None:
    """Return why it is dead without an attempt, None if it may be attempted."""
    action = target.actions.get(lease.action)
    if action is None:
        there = ", ".join(target.actions)
        return _dead(f"{target.name} has no action {lease.action}; it has {there}")
    last = lease.sending.attempt - 1
    if last > policy.attempts:  # one more: an outage may have spent the last
        error = f"the worker ended during attempt {last}; before that: {lease.error or 'no error'}"
        return _dead(error, sent=True)
    return _dead(UNKNOWN, sent=True) if _forgotten(action, lease) else None


def _held(lease: Lease) -> Outcome | None:
    """Return that it waits for somebody to want it, if it happened too long ago."""
    return Outcome("held", lease.error, counts=False, reason=LATE) if lease.late else None


def _dead(error: str, *, sent: bool = False) -> Outcome:
    return Outcome("dead", error, sent=sent, counts=False)


def _forgotten(action: Action, lease: Lease) -> bool:
    """Return whether it may have been done so long ago that the service would do it again."""
    remembers = action.remembers
    known = remembers is None or lease.sent_ago < (remembers - MARGIN).total_seconds()
    return lease.sent_at is not None and not known


def _failed(policy: RetryPolicy, lease: Lease, error: Exception, *, called: bool) -> Outcome:
    """Return the outcome of an attempt that raised, before the call or during it."""
    if isinstance(error, Deferred):
        return Outcome("waiting", describe(error), _patience(lease, error), counts=False)
    if isinstance(error, _LateError) or _outage(error):
        return Outcome("waiting", lease.error, sent=called, counts=False)
    asked = error.retry_after if isinstance(error, Transient) else None
    wait = None if permanent(error) else policy.wait(lease.sending.attempt, asked)
    status = "dead" if wait is None else "waiting"
    tell = _log.error if status == "dead" else _log.warning
    tell(f"effect.{status}", error=describe(error))
    return Outcome(status, describe(error), wait or 0, sent=called and _may_be_done(error))


def _patience(lease: Lease, deferred: Deferred) -> float:
    """Return the wait in seconds; who waits for long is asked after seldom, and blocks nobody."""
    grown = 0 if isinstance(deferred, Blocked) else min(lease.age / 8, _LONGEST_PATIENCE)
    return max(deferred.wait, grown)


def _may_be_done(error: Exception) -> bool:
    """Return whether the service may have done what it was asked; of a strange error, it may."""
    return error.unknown if isinstance(error, Transient) else not isinstance(error, Permanent)


def _outage(error: Exception) -> bool:
    return ours(error) and not suspicious(error)
