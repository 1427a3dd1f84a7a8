"""What a service holds: the truth that others are compared with.

An object is never changed in place: whoever changes one puts another in its stead, since events
share what they tell.
"""

import threading
import time
from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from simulator.text import JSON

Wrap = Callable[[str, JSON, JSON | None, float, str], JSON]
"""(event type, object, what it was before, Unix seconds, event id) -> the event."""


EVENT = "event"
"""The type by which the events of the log are found."""


class Told(NamedTuple):
    """An event that happened, and the id of its message."""

    id: str
    body: JSON


class Place(NamedTuple):
    """Where an object stands among those of its type, oldest first."""

    created: float
    number: int
    id: str


def _as_it_is(_type: str, obj: JSON, _before: JSON | None, _at: float, _id: str) -> JSON:
    return obj


def _nobody(_told: Told) -> None:
    return


@dataclass
class Store:
    """The objects of a service by type and id, those that were deleted, and the log of events.

    `deleted` holds the last content. `now` is the service's own clock, in Unix seconds. `wrap`
    makes an event, which `tell` hands to who sends webhooks. Equal `dice` make equal ids.
    """

    wrap: Wrap = _as_it_is
    now: Callable[[], float] = time.time
    tell: Callable[[Told], object] = _nobody
    dice: Random = field(default_factory=Random)
    message: str = "evt"
    objects: dict[str, dict[str, JSON]] = field(default_factory=dict)
    deleted: dict[str, dict[str, JSON]] = field(default_factory=dict)
    events: list[JSON] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _order: dict[str, list[Place]] = field(default_factory=dict, repr=False)
    _places: dict[tuple[str, str], Place] = field(default_factory=dict, repr=False)
    _log: dict[str, JSON] = field(default_factory=dict, repr=False)

    def new_id(self, prefix: str) -> str:
        """Return an id as services make them: `new_id("cus")` -> `cus_7f3a...`."""
        return f"{prefix}_{self.dice.getrandbits(96):024x}"

    def get(self, type: str, id: str) -> JSON | None:
        """Return an object, or an event of the log, None where there is none."""
        kept = self._log if type == EVENT else self.objects.get(type, {})
        return kept.get(id)

    def put(self, type: str, obj: JSON, event: str | None = None) -> JSON:
        """Keep a new object, or what an old one is now; return it. `event`: what is told of it."""
        with self.lock:
            before = self.get(type, obj["id"])
            self.objects.setdefault(type, {})[obj["id"]] = obj
            if before is None:
                self._stand(type, obj, obj["id"])
            if event:
                self._happened(event, obj, before)
        return obj

    def delete(self, type: str, id: str, event: str | None = None) -> JSON:
        """Forget an object; return what it was. Raises KeyError where there is none."""
        with self.lock:
            gone = self.objects[type].pop(id)
            self._order[type].remove(self._places[type, id])
            self.deleted.setdefault(type, {})[id] = gone
            if event:
                self._happened(event, gone, None)
        return gone

    def log(self, id: str, event: JSON) -> None:
        """Keep an event that happened: webhooks tell of it only if `put` or `delete` made it."""
        with self.lock:
            self.events.append(event)
            self._log[id] = event
            self._stand(EVENT, event, id)

    def oldest_first(self, type: str) -> Sequence[Place]:
        """Return where the objects of a type stand, the oldest first."""
        return self._order.get(type, ())

    def place(self, type: str, id: str) -> Place | None:
        """Return where an object stands, or stood before it was deleted."""
        return self._places.get((type, id))

    def _stand(self, type: str, obj: JSON, id: str) -> None:
        created = obj.get("created") or obj.get("created_at") or 0
        when = created if isinstance(created, int | float) else 0
        place = Place(when, len(self._places), id)
        self._places[type, id] = place
        insort(self._order.setdefault(type, []), place)

    def _happened(self, type: str, obj: JSON, before: JSON | None) -> None:
        id = self.new_id(self.message)
        body = self.wrap(type, obj, before, self.now(), id)
        self.log(id, body)
        self.tell(Told(id, body))
