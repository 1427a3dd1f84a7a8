"""Where a listing stands: what a cursor says."""

from collections.abc import Sequence
from typing import NamedTuple

from integrations.schema import JSON


class Place(NamedTuple):
    """Behind an object made at `created` (Unix seconds, '' if it does not say), on a pass."""

    lap: int = 0
    created: str = ""
    id: str = ""

    @classmethod
    def read(cls, cursor: str | None) -> "Place":
        """Return the place that a cursor says, the beginning without one."""
        if cursor is None:
            return cls()
        lap, created, id = cursor.split(" ", 2)  # ids may be chosen by who makes the object
        return cls(int(lap), created, id)

    def __str__(self) -> str:
        return " ".join(map(str, self))

    def behind(self, read: Sequence[JSON]) -> "Place":
        """Return the place behind the last of the objects that were read."""
        last = read[-1]
        return Place(self.lap, str(last.get("created") or ""), str(last["id"]))
