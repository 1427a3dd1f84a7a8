"""Where in the archive an event is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A member of a gzip in the archive: the object's key, and the range of bytes in that."""

    key: str
    offset: int
    length: int
