"""The types of what is done at other services. A target is a value: `TARGET = Target(...)`."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from integrations.interface import Event, Snapshot
from integrations.schema import JSON

MARGIN = timedelta(hours=1)
"""So much earlier than it says a service may have forgotten a key: clocks and queues differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Something to be done at a service once the transaction that asks for it is committed.

    Either about how an `entity` *is* (the action reads the mirrors when it calls, and what waits
    for the same entity is done at once), or about what *happened*: then `payload` says it, and the
    effect is done once for each event, action and `purpose`.
    """

    target: str
    action: str
    entity: str | None = None
    payload: JSON | None = None
    purpose: str = ""

    def __post_init__(self) -> None:
        if (self.entity is None) == (self.payload is None):
            raise TypeError("an effect has either an entity or a payload")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One attempt to perform an effect. `key` is the same for every attempt, and no other effect's.

    `occurred_at` is when the event happened; `attempt` counts from 1.
    """

    key: str
    occurred_at: datetime
    attempt: int = 1
    entity: str = ""
    payload: JSON = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """How effects of one kind are performed.

    `read` looks up, in a SQLAlchemy session that is closed before the call, what `send` needs to
    know besides; `send` makes the call. What it returns is how objects of the service of the
    target's name are now, which is written through their mirrors before the effect is settled.
    Both may raise Transient, Permanent or Deferred.
    `remembers` is how long the service knows an idempotency key: later, one whose outcome is
    unknown is not sent again unasked. None: for ever, or it matters not how often it is done.
    """

    send: Callable[[Sending, Any], Sequence[Snapshot] | None]
    read: Callable[[Any, Sending], Any] = lambda _session, _sending: None
    remembers: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where effects go. `on` says whether what is needed to call it is set."""

    name: str
    actions: Mapping[str, Action]
    on: Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """What happens to whom because of a service's events. Those to targets that are off are left.

    `types` are the service's event types; `effects` asks nobody: it reads the event alone.
    """

    service: str
    types: Collection[str]
    effects: Callable[[Event], Iterable[Effect]]
