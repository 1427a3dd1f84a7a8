"""R2 as a target: a notification is a hint, and a HEAD settles what it was about.

Notifications come more than once, late and in any order, and tell neither type nor metadata.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from db.models.r2 import StoredObject
from integrations.effects import Action, Effect, Sending, Target
from integrations.errors import Deferred, Permanent, Transient
from integrations.interface import Event, Snapshot
from integrations.r2.client import bucket, on
from integrations.r2.objects import head
from integrations.r2.webhook import DELETIONS
from settings import settings

SETTLE = "settle"
# https://developers.cloudflare.com/r2/buckets/event-notifications/
ACTIONS = ("PutObject", "CopyObject", "CompleteMultipartUpload", *sorted(DELETIONS))
_BEHIND = 2  # seconds, by which the time of an answer may be: it has whole ones, rounded down
_AHEAD = 60  # seconds, by which a clock that is right may be before the database's


def settles(event: Event) -> Iterator[Effect]:
    """Yield the effect that asks R2 itself how the object of a notification is.

    Only of one in R2_BUCKET: the keys may not reach into another.
    """
    told = event.snapshot
    if told.object_type == "object" and told.object["bucket"] == settings().r2.r2_bucket:
        yield Effect(target="r2", action=SETTLE, entity=told.object["id"])


@dataclass(frozen=True, slots=True)
class Known:
    """The newest that the row tells of its object, in milliseconds, and whether that is its end."""

    clock: int = 0
    gone: bool = False


def read(session: Any, sending: Sending) -> Known:
    """Return what is known of the object. Raises Deferred while a HEAD would not be newer."""
    o = StoredObject
    row = select(o.clock, o.deleted_at, func.now().label("now")).where(o.id == sending.entity)
    if (found := session.execute(row).first()) is None:
        return Known()
    known = Known(max(found.clock, _milliseconds(found.deleted_at)), found.deleted_at is not None)
    wait = (known.clock - _milliseconds(found.now)) / 1000 + _BEHIND
    if 0 < wait < _AHEAD:
        raise Deferred("the notification is too new to be settled", wait=wait)
    return known


def settle(sending: Sending, known: Known) -> Sequence[Snapshot]:
    """Return what R2 says of the object now, if that is news. Raises Transient, Permanent."""
    of, _, key = sending.entity.partition("/")
    if of != bucket():
        raise Permanent("the object is not in R2_BUCKET")
    found = head(of, key)
    if found.gone_at and known.gone:
        return []  # the notification knows better since when
    if found.clock <= known.clock:
        ahead = (known.clock - found.clock) / 1000
        raise Transient(f"r2's own time is {ahead} s behind the row's", retry_after=ahead + 1)
    return [found]


def _milliseconds(moment: datetime | None) -> int:
    return int(moment.timestamp() * 1000) if moment else 0


TARGET = Target(name="r2", actions={SETTLE: Action(read=read, send=settle)}, on=on)
