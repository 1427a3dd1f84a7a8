"""Listings by offset that leave nothing out, although what is deleted meanwhile moves the rest.

A page begins a little before where the last one ended: if it shows nothing of what that one ended
with, something may have slipped past in between, and the listing goes back. What is listed must
not move by itself: it has to be in an order that no change disturbs.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Self

from integrations.schema import JSON, dump

OVERLAP = 20
"""How many that one page showed the next one is to show again."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins, which ids the one before ended with, and how many there are in all."""

    offset: int = 0
    last: Sequence[str] = ()
    total: int | None = None

    @classmethod
    def read(cls, cursor: str | None) -> Self:
        """Return the place that `str` has written; the first one for None."""
        return cls(**json.loads(cursor)) if cursor else cls()

    def __str__(self) -> str:
        return dump(asdict(self))

    def past(self, page: Sequence[JSON], limit: int) -> tuple[list[JSON], Self | None]:
        """Return what is new on the page of at most `limit`, and the next place; None at the end.

        The end is where the total is reached, or a page brings nothing new; what was added since
        the total was counted may be left out, as what is added later. A page that does not
        follow the last one is shown, too, and again once the listing has come back to it.
        """
        ids, seen = _ids(page), set(self.last)
        if self.offset and seen.isdisjoint(ids):
            return list(page), replace(self, offset=max(0, self.offset - limit + OVERLAP))
        new = [one for one, id in zip(page, ids, strict=True) if id not in seen]
        end = self.offset + len(page)
        over = self.total is not None and (
            self.offset >= self.total or (len(page) < limit and end >= self.total)
        )
        if over or not new:
            return new, None
        return new, replace(self, offset=max(0, end - OVERLAP), last=ids[-OVERLAP:])


def _ids(page: Iterable[JSON]) -> list[str]:
    return [str(one.get("id")) for one in page]
