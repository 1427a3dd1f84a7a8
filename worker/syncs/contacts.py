"""Which users are to be contacts of Loops, and in what their contacts there differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from db.models.clerk import User
from integrations import INTEGRATIONS
from integrations.effects import Effect, Sending
from integrations.interface import WEBHOOK, Event, Members, Row, Snapshot
from integrations.loops import find
from integrations.loops.effects import contact_of
from integrations.schema import JSON
from worker.reactions import reactions
from worker.syncs import drift

SERVICE = "loops"
_TABLE = cast("Table", User.__table__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A user who is to be a contact: by which effect, and what that would send now."""

    user_id: str
    effect: Effect
    sent: JSON
    source: str | None


@dataclass(frozen=True, slots=True)
class Looked:
    """A user, and what Loops has of them; `parts` is what the mirror makes of it."""

    wanted: Wanted
    snapshot: Snapshot | None
    parts: Sequence[Row | Members]
    differences: Sequence[drift.Difference]


def page(session: Session, after: str, limit: int) -> tuple[list[str], list[Wanted]]:
    """Return the ids behind `after`, and which of these users are to be contacts."""
    query = select(User).where(User.id > after).order_by(User.id).limit(limit)
    users = session.scalars(query).all()
    return [user.id for user in users], [w for user in users for w in _wanted(session, user)]


def _wanted(session: Session, user: User) -> Iterator[Wanted]:
    """Yield the user, if alive and with an address, and to be one by the reactions."""
    if user.data is None or user.deleted_at:
        return
    effect = next((e for e in _effects(user, user.data) if _contact(e)), None)
    if effect is None:
        return
    sending = Sending(key="", occurred_at=user.written_at, entity=effect.entity or "")
    sent = contact_of(session, sending)
    if sent and sent.get("email"):
        yield Wanted(user.id, effect, sent, user.source)


def _effects(user: User, data: JSON) -> Iterator[Effect]:
    """Yield what would happen if Clerk told now that the user has changed, or is new."""
    for type in ("user.updated", "user.created"):
        told = Snapshot("user", data, user.clock, WEBHOOK)
        payload = {"object": "event", "type": type, "data": data}
        yield from reactions(Event("clerk", "", type, user.written_at, told, payload))


def _contact(effect: Effect) -> bool:
    return (effect.target, effect.action) == (SERVICE, "contact") and effect.entity is not None


def look(wanted: Wanted) -> Looked:
    """Ask for the contact. Raises as `find`."""
    found = find.find(wanted.sent["userId"])
    snapshot = found.snapshot
    mirror = INTEGRATIONS[SERVICE].mirrors["contact"]
    parts = mirror.project(snapshot) if snapshot else ()
    return Looked(wanted, snapshot, parts, list(_differences(wanted, found.contact)))


def _differences(wanted: Wanted, contact: JSON | None) -> Iterator[drift.Difference]:
    place = (_TABLE.name, wanted.user_id)
    if contact is None:
        yield drift.Difference(*place, drift.WHOLE, drift.hashed(wanted.sent), None)
        return
    for column, *values in find.differing(wanted.sent, contact):
        here, there = (drift.shown(_TABLE, column, value or None) for value in values)
        yield drift.Difference(*place, column, here, there)
