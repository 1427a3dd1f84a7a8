"""Deliveries that wait: what names the person there is applied before it is forgotten."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select, tuple_

from db.models.events import EventRecord
from db.session import transaction
from integrations import INTEGRATIONS
from worker import inbox
from worker.erase.needles import Needles

_AT_ONCE = 200
_OPEN = ("received", "retrying")
E = EventRecord


def waiting(needles: Needles) -> dict[str, int]:
    """Return how many deliveries that name the person wait, by service; none without any.

    In Redis, and then in the ledger: so none is missed that goes from the one to the other.
    """
    counts = Counter({service: _in(service, needles) for service in INTEGRATIONS})
    counts.update(_unapplied(needles))
    return {service: count for service, count in counts.items() if count}


def _in(service: str, needles: Needles) -> int:
    first, count = "-", 0
    while True:
        entries: Any = inbox.redis().xrange(inbox.stream(service), first, "+", _AT_ONCE)
        bodies = (fields.get(b"body", b"") for _, fields in entries)
        count += sum(needles.named_in(body) for body in bodies)
        if len(entries) < _AT_ONCE:
            return count
        first = f"({entries[-1][0].decode()}"


def _unapplied(needles: Needles) -> Iterator[str]:
    """Yield the services of the events that came past Redis, or are tried again, and name them.

    Who waits with the body in the archive is found there, and left.
    """
    query = select(E.service, E.event_id).where(E.service.in_(INTEGRATIONS), E.status.in_(_OPEN))
    with transaction() as session:
        keys = session.execute(query).all()
    for first in range(0, len(keys), _AT_ONCE):
        meant = tuple_(E.service, E.event_id).in_(
            [tuple(k) for k in keys[first : first + _AT_ONCE]]
        )
        with transaction() as session:
            found = session.execute(select(E.service, E.body).where(meant, E.body.is_not(None)))
            yield from (row.service for row in found if needles.named_in(bytes(row.body)))
