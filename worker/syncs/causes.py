"""What most likely led to a difference, by the evidence that there is: the rules stand here.

1.  The row is not what its own `data` says in that place: `changed here`. Where the same column is
    so in most rows of a page (three at least), it is how we read them that changed: `our defect`.
2.  An event of the object is in the ledger, dead: `dead letter`; received or to be retried, or
    deliveries have waited in the inbox since before the listing: `waiting event`.
3.  No content is here, and the object was made before our first event: `created before us`.
4.  No event is known to tell of such objects, or the object's own clock stands still although it
    changed, or the service's log was read past the time at which the row's version was told and up
    to shortly before the listing, and has no later event: `changed there without an event`.
5.  Otherwise there was an event, and it never came: `missed event`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from db.session import transaction
from integrations import INTEGRATIONS
from integrations.errors import Unreadable
from integrations.interface import Delivery, Integration
from settings import settings
from worker import inbox
from worker.ledger import TABLE, sql
from worker.syncs.comparing import Compared
from worker.syncs.drift import Difference
from worker.syncs.runs import CURSORS

_MOST = 3  # rows of a page
_SAMPLE = 1000  # unsettled events of a status; and rows
_AT_ONCE = 100
_CREATED = ("created", "created_at", "last_modified")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known when a page is compared. `unsettled` is by the object's id."""

    since: datetime | None
    log_until: datetime | None
    told_by_events: bool
    waiting_since: datetime | None
    unsettled: Mapping[str, str] = field(default_factory=dict)
    ours: frozenset[tuple[str, str]] = frozenset()


_FACTS = f"""
    SELECT (SELECT min(received_at) FROM {TABLE} WHERE service = :service) AS since,
        (SELECT complete_until FROM {CURSORS} WHERE service = :service AND name = 'events'
            AND kind = 'catch_up' AND account = :account) AS log_until,
        (SELECT coalesce(bool_or(last_event_id IS NOT NULL), true)
            FROM (SELECT last_event_id FROM {{table}} LIMIT {_SAMPLE}) AS sample)
            AS told_by_events
"""  # noqa: S608  our own tables

_TOLD = "status, endpoint, body, headers, received_at"
# the partial indexes answer; there are few such events, or there is worse to look at
_UNSETTLED = f"""
    (SELECT {_TOLD} FROM {TABLE} WHERE service = :service AND status = 'dead'
        AND body IS NOT NULL ORDER BY settled_at DESC LIMIT {_SAMPLE})
    UNION ALL (SELECT {_TOLD} FROM {TABLE} WHERE service = :service AND status = 'retrying'
        AND body IS NOT NULL ORDER BY retry_at LIMIT {_SAMPLE})
    UNION ALL (SELECT {_TOLD} FROM {TABLE} WHERE service = :service AND status = 'received'
        AND body IS NOT NULL ORDER BY received_at LIMIT {_SAMPLE})
"""  # noqa: S608  our own table


def evidence(service: str, account: str, page: Sequence[Compared]) -> Evidence:
    """Return what is known that may explain the differences of a page; {} where there are none."""
    drifted = [one for one in page if one.drifted]
    if not drifted:
        return Evidence(None, None, told_by_events=False, waiting_since=None)
    table = drifted[0].row.model.__table__
    keys = {"service": service, "account": account}
    with transaction() as session:
        facts = session.execute(sql(_FACTS.format(table=table.fullname)), keys).one()
        unsettled = _unsettled(session, service, [one.row.id for one in drifted])
    return Evidence(
        facts.since,
        facts.log_until,
        facts.told_by_events,
        _waiting_since(service),
        unsettled,
        _in_most(page),
    )


def _unsettled(session: Session, service: str, ids: list[str]) -> dict[str, str]:
    """Return the cause by object id, of those of which an event is waiting or dead."""
    found: dict[str, str] = {}
    encoded = {id: id.encode() for id in ids}
    a_few = {"yield_per": _AT_ONCE}  # a body may be large
    for event in session.execute(sql(_UNSETTLED), {"service": service}, execution_options=a_few):
        cause = "dead letter" if event.status == "dead" else "waiting event"
        named = [id for id, name in encoded.items() if name in event.body]
        for id in _told(INTEGRATIONS[service], event, named) if named else ():
            found[id] = max(found.get(id, ""), cause)  # one that waits may still come
    return found


def _told(service: Integration, event: Any, named: Sequence[str]) -> Sequence[str]:
    """Return which of the objects is the event's own; of what cannot be read, all it names."""
    delivery = Delivery(
        service.name, event.endpoint, event.body, event.headers or {}, event.received_at
    )
    try:
        own = service.read(delivery).snapshot.object.get("id")
    except Unreadable:
        return named
    return [id for id in named if id == own]


def _waiting_since(service: str) -> datetime | None:
    try:
        return inbox.backlog(service).oldest
    except RedisError:
        return None


def _in_most(page: Sequence[Compared]) -> frozenset[tuple[str, str]]:
    """Return the columns that are not what the rows' own `data` says in most rows of a page."""
    rows = sum(one.kept is not None for one in page)
    columns = Counter(
        (table, column)
        for one in page
        for table, column in {(table, column) for table, _, column in one.edited}
    )
    return frozenset(c for c, count in columns.items() if count >= max(_MOST, rows // 2 + 1))


def cause(known: Evidence, one: Compared, difference: Difference) -> str:
    """Return what most likely led to a difference: one of db.models.syncs.CAUSES."""
    table, _, column = difference.place
    if difference.place in one.edited:
        return "our defect" if (table, column) in known.ours else "changed here"
    if explained := known.unsettled.get(one.row.id):
        return explained
    told = datetime.fromtimestamp(one.snapshot.clock / 1000, UTC)
    if known.waiting_since and known.waiting_since < told:
        return "waiting event"
    if _lacking(one) and _before(one, known.since):
        return "created before us"
    return _unheard(known, one, told)


def _unheard(known: Evidence, one: Compared, told: datetime) -> str:
    """Return whether there was an event that we never got, or none."""
    if not known.told_by_events:
        return "changed there without an event"
    clock = one.kept.clock if one.kept else 0
    if one.own_clock and not _lacking(one):
        moved = one.snapshot.clock > clock
        return "missed event" if moved else "changed there without an event"
    overlap = timedelta(seconds=settings().syncs.sync_overlap_seconds)
    read_past = known.log_until is not None and (
        known.log_until >= told - overlap and known.log_until.timestamp() * 1000 > clock
    )
    return "changed there without an event" if read_past else "missed event"


def _lacking(one: Compared) -> bool:
    return one.kept is None or one.kept.values["data"] is None


def _before(one: Compared, since: datetime | None) -> bool:
    """Return whether the object was made before our first event; without events all were."""
    made = next(_times(one.row.values[name] for name in _CREATED if name in one.row.values), None)
    return since is None or (made is not None and made < since)


def _times(values: Iterable[object]) -> Iterator[datetime]:
    return (value for value in values if isinstance(value, datetime))
