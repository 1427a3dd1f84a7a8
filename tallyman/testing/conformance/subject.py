"""What the suite is given of a service: how it works, what it says, stories with their ends."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.interface import Integration
from integrations.schema import JSON, dump
from simulator.life import Source

CREATED = 1_700_000_000  # Unix seconds: when the fixtures were made


@dataclass(frozen=True, slots=True)
class Said:
    """One event of a story. `at`: seconds since the story began, the same only for one fact."""

    type: str
    object: JSON
    at: int
    version: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """What a service says of a few objects, and the columns that must stand in the end.

    Every id in it holds `Example`: copies of the story have ids of their own by replacing that.
    `ends` is {table: {id: {column: value}}}, with all rows of the tables that it names; times in
    Unix seconds. Of five events or fewer all orders are told, of more a sample.
    """

    said: Sequence[Said]
    ends: Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Subject:
    """A service under test.

    `unsigned` are the headers that its signature does not cover, `dated` is whether it covers the
    time: without that a request that was overheard passes for ever, as the same event.
    """

    service: Integration
    source: Source
    stories: Mapping[str, Story] = field(default_factory=dict)
    unsigned: Collection[str] = ()
    dated: bool = True

    def __str__(self) -> str:
        return self.service.name

    def body(self) -> bytes:
        """Return the body of some sound event of the service."""
        told = [life for life in self.source.lives.values() if not life.listed]
        assert told, f"simulator: no life of {self} has an event"
        life = told[0]
        event, _ = self.source.wrap(life.created, life.made(CREATED), CREATED, "evt_1", "")
        return dump(event).encode()
