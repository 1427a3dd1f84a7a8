"""The life of a batch of deliveries, top to bottom."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from db.session import transaction
from fault_points import reach
from integrations.effects import Effect
from integrations.errors import Transient, Unreadable
from integrations.interface import Delivery, Event, Integration, Members, Row
from integrations.oauth import revoke
from telemetry import bound, describe, log
from worker import ledger, outbox, rows
from worker.faults import ours, permanent
from worker.handlers import handler, run
from worker.reactions import reactions, reacts
from worker.retry import RetryPolicy

_log = log(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """A delivery as it was understood: what the ledger shall hold, and the rows of its object."""

    record: ledger.Record
    event: Event | None = None
    rows: Sequence[Row | Members] = ()


def apply(service: Integration, policy: RetryPolicy, work: Sequence[Work]) -> Counter[str]:
    """Apply all in one transaction; if one breaks it, halves, until the breaker stands alone.

    Return how many ended in which status, or as duplicates. Raises what is `ours`: then nothing
    was applied or judged.
    """
    try:
        with transaction() as session:
            fresh = _claim(session, work)
            carry_out(session, fresh)
            reach("drain.written")
    except Exception as error:
        if ours(error):
            raise
        if len(work) == 1:
            return _enter(judge(work[0].record, error, policy))
        half = len(work) // 2
        return apply(service, policy, work[:half]) + apply(service, policy, work[half:])
    counts = Counter(w.record.status for w in fresh)
    return counts + Counter(duplicate=len(work) - len(fresh))


def _enter(record: ledger.Record) -> Counter[str]:
    """Enter what was judged. What breaks even this is not about the delivery, and is raised."""
    return Counter([record.status if ledger.keep(record) else "duplicate"])


def _claim(session: Session, work: Sequence[Work]) -> list[Work]:
    claimed = ledger.claim(session, [w.record for w in work])
    first: dict[str, Work] = {}
    for w in work:
        first.setdefault(w.record.event_id, w)
    return [w for id, w in first.items() if id in claimed]


def carry_out(session: Session, work: Sequence[Work]) -> None:
    """Write the rows of what is to be handled, then run handlers on it, and add the effects."""
    handled = [w for w in work if w.record.status == "handled"]
    touched = rows.upsert(session, [(w.event.snapshot, w.rows) for w in handled if w.event])
    revoke.end(session, [w.event for w in handled if w.event])
    told = [
        replace(w.event, fresh=_fresh(w.event, w.rows, touched))
        for w in handled
        if w.event and (handler(w.event) or reacts(w.event))
    ]
    outbox.add(session, [(event, effect) for event in told for effect in _effects(session, event)])


def _effects(session: Session, event: Event) -> Iterator[Effect]:
    """Run the team's own handler; yield its effects, and those of the table of reactions."""
    if own := handler(event):
        with bound(service=event.service, event_id=event.id, attempt=event.attempt):
            yield from run(own, session, event)
    yield from reactions(event)


def _fresh(
    event: Event, projected: Sequence[Row | Members], touched: Collection[rows.Touched]
) -> bool:
    """Return whether the event's version stands, or its deletion is the one that is told.

    An event that tells no content, but facts beside it, is fresh if none in the row is later.
    """
    own = projected[0] if projected else None
    if not (isinstance(own, Row) and isinstance(own.of, str)):
        return any(row.event_id == event.id for row in touched)
    name, gone_at = own.model.__table__.name, event.snapshot.gone_at
    mine = [row for row in touched if row.table == name and row.key[-1] == own.id]
    if gone_at is not None:
        return any(row.deleted_at == gone_at for row in mine)
    return any(row.latest is None or row.latest <= event.occurred_at for row in mine)


def understand(
    service: Integration, policy: RetryPolicy, delivery: Delivery, attempt: int = 1
) -> Work:
    """Read a delivery and project its object, before any transaction. Raises what is `ours`.

    Its secrets are taken out first. Unread, it goes by the id of the bytes that came.
    """
    safe, record = delivery, None
    try:
        safe = service.safe(delivery)
        event = replace(service.read(safe), attempt=attempt)
        record = _record(safe, event, attempt)
        if reason := ignored(service, event):
            return Work(replace(record, status="ignored", reason=reason), event)
        return Work(record, event, _project(service, event))
    except Exception as error:
        if ours(error):
            raise
        # whatever a body does to us is its own outcome
        unread = ledger.Record(safe, ledger.unread_id(delivery), "", attempts=attempt)
        return Work(judge(record or unread, error, policy))


def _record(delivery: Delivery, event: Event, attempt: int) -> ledger.Record:
    return ledger.Record(
        delivery=delivery,
        event_id=event.id,
        status="handled",
        type=event.type,
        entity=event.entity,
        account=event.account,
        occurred_at=event.occurred_at,
        attempts=attempt,
    )


def _project(service: Integration, event: Event) -> list[Row | Members]:
    mirror = service.mirrors.get(event.snapshot.object_type)
    try:
        return mirror.project(event.snapshot) if mirror else []
    except RecursionError:
        raise Unreadable("the body is nested too deeply") from None


def ignored(service: Integration, event: Event) -> str | None:
    """Return why nothing is to be done about an event, None if something is."""
    configured = service.livemode()
    if configured is not None and event.livemode not in {None, configured}:
        return f"livemode is {event.livemode}, the configured key's is {configured}"
    if event.snapshot.object_type in service.mirrors or handler(event) or any(reactions(event)):
        return None
    if revoke.ended(event) is not None:
        return None
    return f"nothing handles {event.type}"


def judge(record: ledger.Record, error: Exception, policy: RetryPolicy) -> ledger.Record:
    """Return the record of an attempt that failed: to be tried again, or dead."""
    asked = error.retry_after if isinstance(error, Transient) else None
    wait = None if permanent(error) else policy.wait(record.attempts, asked)
    status, said = "dead" if wait is None else "retrying", describe(error)
    tell = _log.error if status == "dead" else _log.warning
    with bound(service=record.delivery.service, event_id=record.event_id, attempt=record.attempts):
        tell(f"event.{status}", error=said)
    return replace(record, status=status, retry_in=wait, error=said)
