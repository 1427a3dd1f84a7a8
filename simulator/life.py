"""What a provider may tell of its objects, as values: the stories of the proof are made of them.

A service of your own gives a `Source`: one `Life` for every object type in its `mirrors`, and
`wrap`. Most lives need an example object, the types of their events, and a change or two.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from simulator.text import JSON

MARK = "Example"
"""Stands in every id that a life makes: a copy of a story has ids of its own by replacing it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One way in which an object changes; `type` is the event's, where it is not `updated`."""

    to: Callable[[JSON], JSON]
    type: str = ""


def to(type: str = "", /, **fields: object) -> Change:
    """Return the change that sets fields of an object."""
    return Change(lambda obj: obj | fields, type)


@dataclass(frozen=True, slots=True)
class MemberSet:
    """The members that an object carries: their table, the column that names the object there."""

    table: str
    column: str
    members: Callable[[JSON], Sequence[JSON]]


Named = tuple[str, str]
"""The type and the id of another object that an object mentions."""


def _whole(obj: JSON) -> JSON:
    return obj


def _nobody(_: JSON) -> Iterable[Named]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """How a provider tells of one type of object. Times are Unix seconds.

    `made(at)` returns the object as it was created then. `remains` is what the event of a deletion
    carries; without `deleted` nothing deletes it. `stamped(object, at)` writes the object's own
    time of change, None where the event's time is all there is. `shapes` are those of other API
    versions, where they differ; they mention the same objects. `names` are the other objects that
    it mentions in its current shape: only those which have a life. `secret` are the fields that
    are sent and never kept. `content` is what is kept as the object's content, None where only
    facts beside that are told.
    `created` is empty where no event tells of it: it is listed and fetched.
    """

    made: Callable[[int], JSON]
    created: str
    updated: str
    changes: Sequence[Change]
    deleted: str | None = None
    remains: Callable[[JSON], JSON] = _whole
    stamped: Callable[[JSON, int], JSON] | None = None
    shapes: Mapping[str, Callable[[JSON], JSON]] = field(default_factory=dict)
    names: Callable[[JSON], Iterable[Named]] = _nobody
    sets: Sequence[MemberSet] = ()
    secret: Collection[str] = ()
    content: Callable[[JSON], JSON | None] = _whole

    @property
    def listed(self) -> bool:
        """Return whether no event tells of it."""
        return not self.created


Wrap = Callable[[str, JSON, int, str, str], tuple[JSON, Mapping[str, str]]]
"""(event type, object, at, event id, API version) -> body and the headers that are kept with it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A provider: the lives by object type, how an event is wrapped, older API versions."""

    lives: Mapping[str, Life]
    wrap: Wrap
    versions: Sequence[str] = ()

    def shown(self, of: str, obj: JSON, version: str) -> JSON:
        """Return the object as an API version tells it; '' is the current one."""
        return self.lives[of].shapes.get(version, _whole)(obj)
