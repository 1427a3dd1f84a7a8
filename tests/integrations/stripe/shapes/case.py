"""What a case says: one payload of an API version, and the columns that must come of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

T = 1_600_000_000


def at(seconds: int) -> datetime:
    """Return the time so many seconds after T."""
    return datetime.fromtimestamp(T + seconds, UTC)


@dataclass(frozen=True, slots=True)
class Case:
    """An object as a version tells of it, and the rows that must stand, by table."""

    era: str
    version: str
    object: dict[str, Any]
    rows: dict[str, dict[str, Any]]

    def __str__(self) -> str:
        return f"{self.object['object']} of {self.version}"


def old(version: str, object: dict[str, Any], **rows: dict[str, Any]) -> Case:
    """Return a case of the oldest shape. What is expected to be None did not exist then."""
    return Case("old", version, object, rows)


def new(object: dict[str, Any], **rows: dict[str, Any]) -> Case:
    """Return a case of the newest shape."""
    return Case("new", "2026-10-28.endive", object, rows)
