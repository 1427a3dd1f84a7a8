"""What a redrive in steps of a cause would meet, before it is begun: reads only."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from db.session import transaction
from worker import effects
from worker.causes import Cause, dead_of, keys
from worker.ledger import TABLE as EVENTS
from worker.ledger import sql
from worker.superseded import look

LOOKED_AT = 100
"""Of so many events, the oldest, it is said whether they are superseded: each is read for that."""
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be met. Of the oldest `looked_at`: how many are `superseded`, and the `entities`.

    `may_repeat` is how many effects are left out, as they may have been done; of these, and of
    effects in general, none is superseded. `oldest` are the ids of those that would go first.
    """

    cause: Cause
    looked_at: int
    superseded: int
    entities: int
    may_repeat: int
    oldest: tuple[str, ...]


_EVENTS = f"""
    SELECT event_id, endpoint, body, headers, received_at FROM (
        SELECT service, event_id FROM (
            {dead_of("event", "service, event_id, occurred_at, received_at")}) AS dead
        ORDER BY coalesce(occurred_at, received_at), event_id LIMIT {LOOKED_AT}) AS oldest
    JOIN {EVENTS} USING (service, event_id)
    ORDER BY coalesce(occurred_at, received_at), event_id
"""  # noqa: S608  our own table

_EFFECTS = f"""
    SELECT id, entity FROM ({dead_of("effect", "id, entity, occurred_at")}) AS dead
    ORDER BY occurred_at, id LIMIT {LOOKED_AT}
"""  # noqa: S608  our own table


def preview(cause: Cause) -> Preview:
    """Return what a redrive of the cause would meet."""
    of = _of_events if cause.kind == "event" else _of_effects
    with transaction() as session:
        return of(session, cause, keys(cause.id, cause.service, cause.type, cause.error))


def _of_events(session: Session, cause: Cause, meant: dict[str, Any]) -> Preview:
    found = look(session, cause.service, session.execute(sql(_EVENTS), meant))
    return Preview(
        cause=cause,
        looked_at=len(found),
        superseded=sum(one.reason is not None for one in found),
        entities=len({one.entity for one in found}),
        may_repeat=0,
        oldest=tuple(one.id for one in found if one.reason is None)[:_SHOWN],
    )


def _of_effects(session: Session, cause: Cause, meant: dict[str, Any]) -> Preview:
    found = session.execute(sql(_EFFECTS), meant).all()
    unsure = set(effects.may_repeat(session, [row.id for row in found]))
    return Preview(
        cause=cause,
        looked_at=len(found),
        superseded=0,
        entities=len({row.entity or f"?{row.id}" for row in found}),
        may_repeat=len(unsure),
        oldest=tuple(str(row.id) for row in found if row.id not in unsure)[:_SHOWN],
    )
