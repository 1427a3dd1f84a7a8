"""The types of what is asked of a service to keep the mirrors complete. `SYNC = Sync(...)`.

What is asked goes through the gate: every call here may raise Transient, Permanent or Deferred.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.interface import Snapshot

FETCH = "fetch"
"""The source of an object that was asked for alone: it settles a tie."""
LIST = "list"
"""The source of an object that came in a listing."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing. `after` begins the next one; None: that was the last.

    `begun` is the service's own time, in milliseconds since 1970, before which it cannot have made
    the answer: its `Date` less what the call took, rounded down. `total` is how many it says there
    are in all, where it does. `unfit` names the fields for which its own library refused the page,
    which was then read as plain JSON.
    """

    snapshots: Sequence[Snapshot]
    after: str | None
    begun: int
    total: int | None = None
    unfit: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """All objects of one type. `account` is '' for one's own, as in the mirrors' key.

    `list` returns the page behind a cursor, None for the first. `fetch` returns one object by its
    id; `gone_at` is set where the service says that it is deleted, or knows none of that id.
    A `newest_first` listing begins with what changed last, by the object's own clock: a catch-up
    ends on known ground. What changes meanwhile moves to its front, past who lists: `in_order`
    lists all in an order in which nothing moves, for who wants all (see `whole`). `leaves_out`
    says of an object (its JSON) that no listing ever shows it although it is there, such as a
    payment method without a customer: it is not gone then. `named` returns what `fetch` is to be
    given for an object of which that much JSON is known, its id at least: where that does not do.
    A `dear` one costs a call for each customer: it is reconciled less often.
    """

    object_type: str
    list: Callable[[str, str | None], Page] | None = None
    fetch: Callable[[str, str], Snapshot] | None = None
    newest_first: bool = False
    dear: bool = False
    in_order: Callable[[str, str | None], Page] | None = None
    leaves_out: Callable[[Mapping[str, object]], bool] = lambda _object: False
    named: Callable[[Mapping[str, object]], str] = lambda known: str(known["id"])

    @property
    def whole(self) -> Callable[[str, str | None], Page] | None:
        """Return the listing of all, for a backfill and a reconcile: it has gone past nothing."""
        return self.in_order or self.list


@dataclass(frozen=True, slots=True)
class Logged:
    """An event in the service's own log; `body` is as a webhook would bring it."""

    event_id: str
    type: str
    created_at: datetime
    body: bytes


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some of a log, oldest first; `after` is None where the window's end is reached.

    `begun` is as a page's; None where nothing was asked.
    """

    events: Sequence[Logged]
    after: str | None
    begun: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A service's own log of events, and for how long it remembers.

    `read` returns the events of an account from one time up to another, behind a cursor.
    """

    read: Callable[[str, datetime, datetime, str | None], LogPage]
    remembers: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """What a service can be asked for. `on` says whether what is needed to call it is set.

    The order of `collections` is that in which they are listed.
    """

    name: str
    on: Callable[[], bool]
    collections: Sequence[Collection] = ()
    log: Log | None = None

    def collection(self, object_type: str) -> Collection | None:
        """Return the collection of that type, None where the service cannot be asked for it."""
        return next((c for c in self.collections if c.object_type == object_type), None)
