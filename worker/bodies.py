"""Bodies of events that have left the ledger, read back from the archive."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from db.models.events import EventRecord
from db.session import transaction
from integrations.errors import Deferred, Permanent, Transient
from integrations.interface import Delivery
from integrations.r2.place import Place

__all__ = ["Place", "of", "place", "whole"]


def place(row: Any) -> Place | None:
    """Return where in the archive the body of a ledger's row is; None while the row has it."""
    if row.body is not None or row.archive_key is None:
        return None
    return Place(row.archive_key, row.archive_offset, row.archive_length)


def of(row: Any, service: str, event_id: str) -> bytes | None:
    """Return the body of a ledger's row, None where nobody has it. Raises Transient, Permanent."""
    if (archived := place(row)) is None:
        return None if row.body is None else bytes(row.body)
    try:
        return _fetch(archived, service, event_id)[0]
    except Deferred as error:
        raise Transient(str(error), retry_after=error.wait) from error


def whole(delivery: Delivery, event_id: str, archived: Place | None) -> Delivery:
    """Return the delivery with its body. Raises Transient, Permanent, Deferred."""
    if archived is None:
        return delivery
    body, headers = _fetch(archived, delivery.service, event_id)
    return replace(delivery, body=body, headers=headers)


def _fetch(archived: Place, service: str, event_id: str) -> tuple[bytes, Mapping[str, str]]:
    """Fetch from the archive; where it is not there, from where it was moved meanwhile."""
    from integrations.r2 import archive  # noqa: PLC0415  most commands need no client

    try:
        return archive.fetch(archived, event_id)
    except Permanent:
        moved = _now(service, event_id)
        if moved is None or moved == archived:
            raise
    return archive.fetch(moved, event_id)


def _now(service: str, event_id: str) -> Place | None:
    e = EventRecord
    columns = (e.body, e.archive_key, e.archive_offset, e.archive_length)
    query = select(*columns).where(e.service == service, e.event_id == event_id)
    with transaction() as session:
        found = session.execute(query).one_or_none()
    return None if found is None else place(found)
