"""A service that lists its objects of one type, two to a page, and tells of each one alone."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from integrations.errors import Transient
from integrations.interface import Snapshot
from integrations.syncs import FETCH, LIST, Collection, Page, Sync
from tests.worker.stories import T0

NOW = T0 + 1000
AT_ONCE = 2
Object = dict[str, Any]
_COLUMNS: dict[str, Object] = {
    "stripe": {"account": "", "livemode": False, "api_version": "2025-03-31.basil"},
    "clerk": {},
}


class Shop:
    """What a service knows. `now` is its own time in Unix seconds; `cut` after how many calls it
    is away; `hidden` are ids that its listing forgets; `asked` are the ids it was asked for.
    """

    def __init__(
        self, kind: str, *objects: Object, service: str = "stripe", **options: Any
    ) -> None:
        self.kind, self.service, self.options = kind, service, options
        self.objects = {o["id"]: o for o in objects}
        self.at_once: int = options.pop("at_once", AT_ONCE)
        self.now, self.calls, self.cut = NOW, 0, 10**9
        self.hidden: set[str] = set()
        self.asked: list[str] = []
        self.meanwhile: Callable[[], None] = lambda: None
        self.in_part: Callable[[Object], Object] = lambda whole: whole

    def change(self, id: str, **fields: Any) -> None:
        self.objects[id] = self.objects[id] | fields

    @property
    def sync(self) -> Sync:
        return sync(self)

    @property
    def collection(self) -> Collection:
        given = {"list": self.page, "fetch": self.one} | self.options
        return Collection(object_type=self.kind, **given)

    def page(self, _account: str, cursor: str | None) -> Page:
        self._answer()
        listed = [o for o in self._in_order() if o["id"] not in self.hidden]
        start = int(cursor or 0)
        page = [self._told(self.in_part(o), LIST) for o in listed[start : start + self.at_once]]
        behind = start + self.at_once
        after = str(behind) if behind < len(listed) else None
        return Page(page, after, self.now * 1000, total=len(listed))

    def one(self, _account: str, id: str) -> Snapshot:
        self._answer()
        self.asked.append(id)
        self.meanwhile()
        if id in self.objects:
            return self._told(self.objects[id], FETCH)
        at, columns = datetime.fromtimestamp(self.now, UTC), _COLUMNS[self.service]
        gone = {"id": id, "object": self.kind}
        return Snapshot(self.kind, gone, self.now * 1000, FETCH, gone_at=at, columns=columns)

    def _in_order(self) -> Iterable[Object]:
        if self.options.get("newest_first"):
            return sorted(self.objects.values(), key=lambda o: -o["updated_at"])
        return self.objects.values()

    def _answer(self) -> None:
        self.calls += 1
        if self.calls > self.cut:
            raise Transient("away")

    def _told(self, object: Object, source: str) -> Snapshot:
        own = object.get("updated_at") or object.get("updated", 0) * 1000
        clock = own or self.now * 1000
        return Snapshot(self.kind, object, clock, source, columns=_COLUMNS[self.service])


def sync(*shops: Shop) -> Sync:
    """Return what asks these, one after the other."""
    listed = [shop.collection for shop in shops]
    return Sync(name=shops[0].service, on=lambda: True, collections=listed)
