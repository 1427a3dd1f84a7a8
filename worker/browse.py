"""Events page by page, the newest first, with bounded work however long the ledger is.

The ledger has indexes by service and time, and none by type, account or text: it is walked from the
newest backwards, in growing steps, until a page is full or the time is spent. What was not walked
yet is said, with the place to go on from.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    column,
    desc,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    true,
    tuple_,
    union_all,
)

from db.models.events import EventRecord
from db.session import transaction
from worker.search import Filter

E = EventRecord
_FIRST, _GROWS, _MOST = 200, 4, 20_000  # events walked in a step
_SECONDS, _TEXT_SECONDS = 0.06, 1.0  # that the steps take together, about: the next is longer
_STATEMENT = 2000  # milliseconds that one step may take
SHORTEST = 3  # characters that bodies are searched for

_COLUMNS = (
    E.service,
    E.event_id,
    E.type,
    E.status,
    E.attempts,
    E.account,
    E.received_at,
    E.settled_at,
    E.retry_at,
    E.error,
    E.reason,
)
# where a partial index keeps the few of a status, they are walked in its order
_ORDERS: dict[str | None, Any] = {"dead": E.settled_at, "retrying": E.retry_at}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the moment and id of the last event that was walked."""

    at: datetime
    event_id: str


@dataclass(frozen=True, slots=True)
class Found:
    """A page. `further` is where the next begins, None at the end of the ledger.

    `full` says that the page ended because it was full, and not because the time was spent.
    """

    events: Sequence[Row[Any]]
    further: Place | None
    full: bool
    walked: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Which events are meant: a filter, and text in their ids, errors or bodies."""

    which: Filter
    services: Sequence[str]
    text: str = ""
    in_bodies: bool = False

    def condition(self) -> ColumnElement[bool]:
        """Return the condition."""
        found = [*self.which.conditions(), *([_says(self)] if self.text else [])]
        return and_(true(), *found)


def _says(asked: Asked) -> ColumnElement[bool]:
    id, error = E.event_id, E.error
    ways = [id.startswith(asked.text, autoescape=True), error.contains(asked.text, autoescape=True)]
    if asked.in_bodies and len(asked.text) >= SHORTEST:
        ways += [func.position(literal(needle).op("IN")(E.body)) > 0 for needle in _written(asked)]
    return or_(*ways)


def _written(asked: Asked) -> set[bytes]:
    """Return how JSON may write a text: as it is, or with what is not ASCII in escapes."""
    escaped = json.dumps(asked.text)[1:-1]
    plain = json.dumps(asked.text, ensure_ascii=False)[1:-1]
    return {one.encode(errors="replace") for one in (asked.text, escaped, plain)}


def events(asked: Asked, limit: int, after: Place | None = None) -> Found:
    """Return the next events that are meant. Raises SQLAlchemyError, where a step took too long."""
    budget, began = (_TEXT_SECONDS if asked.in_bodies else _SECONDS), time.monotonic()
    found: list[Row[Any]] = []
    step, walked = max(_FIRST, limit), 0
    while True:
        rows, last = _step(asked, step, after)
        found += [row for row in rows if row.wanted]
        if len(found) > limit:
            return Found(found[:limit], _place(found[limit - 1]), full=True, walked=walked + step)
        walked += 0 if last is None else last.n
        if last is None or last.n < step:
            return Found(found, None, full=False, walked=walked)
        after = _place(last)
        if (time.monotonic() - began) * 2 >= budget:
            return Found(found, after, full=False, walked=walked)
        step = min(step * _GROWS, _MOST)


def _place(row: Row[Any]) -> Place:
    return Place(row.ordered_at, row.event_id)


def _step(asked: Asked, size: int, after: Place | None) -> tuple[list[Row[Any]], Any]:
    """Walk so many events; return those that are meant, and the last one whatever it is."""
    each = [_newest(asked, service, size, after) for service in asked.services]
    merged = union_all(*each).subquery()
    newest = (desc(merged.c.ordered_at), desc(merged.c.event_id))
    numbered = select(merged, func.row_number().over(order_by=newest).label("n")).subquery()
    walked = select(numbered).where(numbered.c.n <= size).cte("walked")
    most = select(func.max(walked.c.n)).scalar_subquery()
    query = select(walked).where(or_(walked.c.wanted, walked.c.n == most)).order_by(walked.c.n)
    with transaction() as session:
        session.execute(text(f"SET LOCAL statement_timeout = {_STATEMENT}"))
        rows = list(session.execute(query).all())
    return rows, (rows[-1] if rows else None)


def _newest(asked: Asked, service: str, size: int, after: Place | None) -> Any:
    """Return the query of a service's newest events, by the index that fits."""
    status = asked.which.status
    order = _ORDERS.get(status, E.received_at)
    query = select(*_COLUMNS, order.label("ordered_at"), asked.condition().label("wanted"))
    query = query.where(E.service == service, order.is_not(None))
    if status in _PARTIAL:  # in the text: only so does the partial index answer
        query = query.where(E.status == literal_column(f"'{status}'"))
    if asked.which.entity is not None:  # few are about one: its index finds them all
        query = query.where(E.entity == asked.which.entity)
    for bound, keeps in _bounds(asked.which, order):
        query = query.where(keeps(bound))
    if after is not None:
        query = query.where(tuple_(order, E.event_id) < tuple_(literal(after.at), after.event_id))
    ordered = query.order_by(order.desc(), E.event_id.desc()).limit(size)
    return select(ordered.subquery())


_PARTIAL = {"received", "retrying", "dead"}


def _bounds(which: Filter, order: Any) -> Any:
    """Return what time bounds may be put to the index: only those on what it is ordered by."""
    if order is not E.received_at:
        return []
    given = ((which.since, lambda at: order >= at), (which.until, lambda at: order < at))
    return [(bound, keeps) for bound, keeps in given if bound is not None]


def by_id(event_id: str, services: Sequence[str]) -> list[Row[Any]]:
    """Return the events with just that id: the primary key knows them."""
    query: Any = select(*_COLUMNS, column("received_at").label("ordered_at"))
    query = query.where(E.service.in_(services), E.event_id == event_id)
    with transaction() as session:
        return list(session.execute(query).all())


def archived(service: str, event_id: str) -> bool:
    """Return whether the body of an event has left for the archive: to read it takes a call."""
    query = select(E.body.is_(None), E.archive_key.is_not(None))
    with transaction() as session:
        found = session.execute(query.where(E.service == service, E.event_id == event_id)).one()
    return all(found)
