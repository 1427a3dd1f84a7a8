"""Effects as people look at them: find, redrive, discard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    false,
    func,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from db.models.effects import EffectRecord
from db.session import transaction
from fault_points import reach
from integrations.effects import MARGIN
from integrations.targets import TARGETS
from worker import bell

E = EffectRecord
GIVEN_UP = ("dead", "held")


@dataclass(frozen=True, slots=True)
class EffectFilter:
    """Which effects are meant; what is left out does not restrict."""

    target: str | None = None
    action: str | None = None
    status: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    event_id: str | None = None
    id: int | None = None
    error: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions, to be met all."""
        asked = {name: getattr(self, name) for name in _CONDITIONS}
        return [_CONDITIONS[name](value) for name, value in asked.items() if value is not None]


_CONDITIONS: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "target": lambda value: E.target == value,
    "action": lambda value: E.action == value,
    "status": lambda value: E.status == value,
    "since": lambda value: E.created_at >= value,
    "until": lambda value: E.created_at < value,
    "event_id": lambda value: E.event_id == value,
    "id": lambda value: E.id == value,
    "error": lambda value: E.error.contains(value, autoescape=True),
}
_SHOWN = [column for column in E.__table__.columns if not column.name.startswith("lease_")]
_AGAIN: dict[str, Any] = {
    "status": "waiting",
    "attempts": 0,
    "retry_at": func.now(),
    "redriven_at": func.now(),
    "settled_at": None,
    "reason": None,
}


def effects(which: EffectFilter, limit: int) -> Sequence[Row[Any]]:
    """Return the newest effects that are meant, without their payloads, which hold personal data.

    That of one asked for by its id is there.
    """
    columns = [c for c in _SHOWN if which.id is not None or c.name != "payload"]
    query = select(*columns).where(*which.conditions()).order_by(E.created_at.desc(), E.id.desc())
    with transaction() as session:
        return session.execute(query.limit(limit)).all()


@dataclass(frozen=True, slots=True)
class Moved:
    """Which effects were taken, by (id, target, action), and which may not be without a word."""

    taken: Sequence[tuple[int, str, str]]
    unknown: Sequence[int] = ()


def redrive(
    which: EffectFilter, limit: int, *, may_repeat: bool = False, dry_run: bool = False
) -> Moved:
    """Have effects that are dead or held performed, the oldest first.

    Those whose outcome is unknown, and which the service would do again by now, only if they
    `may_repeat`.
    """
    values = _AGAIN | ({"first_sent_at": None} if may_repeat else {})
    unknown = [] if may_repeat else _ids(which, limit)
    more = [] if may_repeat else [not_(_forgotten())]
    taken = _move(which, more, limit, values, dry_run=dry_run)
    for target in {target for _, target, _ in taken if not dry_run}:
        bell.ring(f"{target}.deliver")
    return Moved(taken, unknown)


def again(session: Session, ids: Sequence[int]) -> list[int]:
    """Have just these performed, as far as they are dead and nothing would be done twice.

    Return the ids of which that is so.
    """
    which = [E.id.in_(ids), E.status == "dead", E.lease_token.is_(None), not_(_forgotten())]
    query = update(E).where(*which).values(_AGAIN).returning(E.id)
    return list(session.execute(query).scalars())


def may_repeat(session: Session, ids: Sequence[int]) -> list[int]:
    """Return those of which nobody knows whether they were done, and that would be done again."""
    return list(session.execute(select(E.id).where(E.id.in_(ids), _forgotten())).scalars())


def discard(which: EffectFilter, reason: str, limit: int, *, dry_run: bool = False) -> Moved:
    """Close effects that are dead or held; those that wait only where `which` asks for these."""
    values = {"status": "discarded", "reason": reason, "settled_at": func.now()}
    return Moved(_move(which, [], limit, values, dry_run=dry_run))


def _forgotten() -> ColumnElement[bool]:
    """Return the condition that one may have been done, and its key is not known any more."""
    spans = [
        and_(
            E.target == t.name,
            E.action == name,
            E.first_sent_at <= func.now() - (a.remembers - MARGIN),
        )
        for t in TARGETS.values()
        for name, a in t.actions.items()
        if a.remembers is not None
    ]
    return and_(E.first_sent_at.is_not(None), or_(false(), *spans))


def _meant(
    which: EffectFilter, more: Sequence[ColumnElement[bool]], limit: int
) -> Select[int, str, str]:
    statuses = [which.status] if which.status else GIVEN_UP
    query = select(E.id, E.target, E.action).where(*which.conditions(), *more)
    return query.where(E.status.in_(statuses)).order_by(E.created_at, E.id).limit(limit)


def _ids(which: EffectFilter, limit: int) -> list[int]:
    with transaction() as session:
        return list(session.execute(_meant(which, [_forgotten()], limit)).scalars())


def _move(
    which: EffectFilter,
    more: Sequence[ColumnElement[bool]],
    limit: int,
    values: dict[str, Any],
    *,
    dry_run: bool,
) -> list[tuple[int, str, str]]:
    """Give a status to the oldest effects that are meant, skipping those in somebody's hands."""
    free = [*more, E.lease_token.is_(None)]
    oldest = _meant(which, free, limit).with_for_update(skip_locked=True).cte("oldest")
    moved = update(E).where(E.id == oldest.c.id).values(values)
    query: Any = select(oldest) if dry_run else moved.returning(E.id, E.target, E.action)
    with transaction() as session:
        found = session.execute(query).all()
        reach("redrive.moving")
    return [(id, target, action) for id, target, action in found]
