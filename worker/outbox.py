"""The outbox: effects are added in the transaction that asks for them, each of them once."""

import json
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256

from sqlalchemy.orm import Session

from db.models.effects import EffectRecord
from integrations.effects import Effect
from integrations.errors import Permanent
from integrations.interface import Event
from integrations.schema import JSON, clean, dump
from integrations.targets import TARGETS
from settings import settings
from worker.arrays import array
from worker.ledger import sql

TABLE = EffectRecord.__table__.fullname  # type: ignore[attr-defined]  # declared as FromClause
LATE = "it happened more than EFFECTS_MAX_AGE_HOURS before"
Caused = tuple[Event, Effect]


def key(event: Event, effect: Effect) -> str:
    """Return the idempotency key: the same whenever the event asks for the same again."""
    entity = effect.entity or ""
    cause = (event.service, event.id, effect.target, effect.action, entity, effect.purpose)
    return sha256(dump(cause).encode()).hexdigest()


_ADD = f"""
    INSERT INTO {TABLE} (target, action, entity, payload, key, service, event_id, occurred_at,
        status, reason)
    SELECT target, action, entity, CAST(payload AS jsonb), key, service, event_id, occurred_at,
        CASE WHEN late THEN 'held' ELSE 'waiting' END,
        CASE WHEN late THEN '{LATE}' END
    FROM (
        SELECT *, payload IS NOT NULL
            AND occurred_at < now() - make_interval(secs => :longest) AS late
        FROM unnest(CAST(:target AS text[]), CAST(:action AS text[]), CAST(:entity AS text[]),
            CAST(:payload AS text[]), CAST(:key AS text[]), CAST(:service AS text[]),
            CAST(:event_id AS text[]), CAST(:occurred_at AS timestamptz[]))
            AS given(target, action, entity, payload, key, service, event_id, occurred_at)
    ) AS asked
    ORDER BY key
    ON CONFLICT (key) DO NOTHING
"""  # noqa: S608  our own table


def add(session: Session, asked: Iterable[Caused]) -> None:
    """Add what events ask for, but for what is there already.

    Raises Permanent where nobody could perform it, or where an event asks for two effects that
    only their payloads tell apart.
    """
    kept: dict[str, Caused] = {}
    for event, effect in asked:
        _check(effect)
        sound = _sound(effect)
        if kept.setdefault(key(event, sound), (event, sound))[1] != sound:
            raise Permanent(f"it has two effects {_name(effect)}: give each a purpose of its own")
    if kept:
        longest = settings().effects.effects_max_age_hours * 3600
        session.execute(sql(_ADD), {**_columns(kept), "longest": longest})


def _name(effect: Effect) -> str:
    return f"{effect.target}.{effect.action}"


def _sound(effect: Effect) -> Effect:
    """Return the effect as Postgres can store it. Raises Permanent where it cannot."""
    try:
        given = {"entity": effect.entity, "payload": effect.payload, "purpose": effect.purpose}
        told: JSON = clean(json.loads(dump(given)))
    except (TypeError, ValueError, RecursionError) as error:
        raise Permanent(f"its effect {_name(effect)}: it is no JSON: {error}") from None
    if not isinstance(told["entity"], str | None) or not isinstance(told["payload"], dict | None):
        raise Permanent(f"its effect {_name(effect)}: an entity is a text, a payload an object")
    return replace(effect, **told)


def _check(effect: Effect) -> None:
    """Return if there is such an action. Raises Permanent, naming those that there are."""
    target = TARGETS.get(effect.target)
    if target is None:
        raise Permanent(f"no target {effect.target}; there are {', '.join(TARGETS)}")
    if effect.action not in target.actions:
        there = ", ".join(target.actions)
        raise Permanent(f"{effect.target} has no action {effect.action}; it has {there}")


def _columns(kept: dict[str, Caused]) -> dict[str, str]:
    events, effects = zip(*kept.values(), strict=True)
    return {
        "target": array(e.target for e in effects),
        "action": array(e.action for e in effects),
        "entity": array(e.entity for e in effects),
        "payload": array(None if e.payload is None else dump(e.payload) for e in effects),
        "key": array(kept),
        "service": array(e.service for e in events),
        "event_id": array(e.id for e in events),
        "occurred_at": array(e.occurred_at for e in events),
    }
