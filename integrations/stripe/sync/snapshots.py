"""What Stripe answered, as what it says an object is."""

from datetime import datetime

import stripe

from integrations.errors import Unreadable
from integrations.interface import Snapshot
from integrations.schema import JSON
from integrations.stripe import schemas
from integrations.stripe.sync.answers import Answer, Missing
from integrations.syncs import FETCH
from settings import settings


def snapshot(kind: str, value: JSON, answer: Answer, source: str, account: str) -> Snapshot:
    """Return what an object says of itself; a deleted one says only that."""
    return Snapshot(
        object_type=kind,
        object=value,
        clock=_clock(kind, value, answer.begun),
        source=source,
        gone_at=answer.at if value.get("deleted") is True else None,
        columns=_columns(value, account),
    )


def gone(kind: str, id: str, missing: Missing, account: str) -> Snapshot:
    """Return that there is no object of that id (any more)."""
    return _gone(kind, {"id": id, "object": kind}, missing.begun, missing.at, account)


def _gone(kind: str, value: JSON, clock: int, at: datetime, account: str) -> Snapshot:
    columns = _columns(value, account)
    return Snapshot(kind, value, clock, source=FETCH, gone_at=at, columns=columns)


def _columns(value: JSON, account: str) -> JSON:
    """Return what stands in every row, as in those that events wrote.

    A refund says no mode (SDK _refund.py): it has the key's.
    """
    mode = value.get("livemode")
    return {
        "account": account,
        "livemode": mode if isinstance(mode, bool) else settings().stripe.livemode,
        "api_version": stripe.api_version,
    }


def _clock(kind: str, value: JSON, begun: int) -> int:
    """Return the object's own time of change, which of our objects only products have.

    Where it cannot be read the mirror says so.
    """
    try:
        changed = schemas.Times.read(value).updated if kind == "product" else None
    except Unreadable:
        changed = None
    return max(1, int(changed.timestamp() * 1000)) if changed else begun
