"""Copies of a story: each has ids of its own, so that many are told at once, each in its way."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain

from integrations.interface import Delivery, Integration, Snapshot
from integrations.schema import dump
from integrations.syncs import FETCH, LIST
from proof.convergence.story import BEGINNING, Story, Told
from proof.convergence.ways import Way
from simulator.life import MARK, Source
from tallyman.mode import in_mode
from worker.pipeline import Work, understand
from worker.retry import policy

FETCHED = BEGINNING + 3600  # when ties are fetched again: later than all that a story tells


@dataclass(frozen=True)
class Copy:
    """One copy; its number, all of the same length, stands behind the mark in each of its ids."""

    service: Integration
    source: Source
    story: Story
    number: str
    way: Way

    @cached_property
    def deliveries(self) -> Sequence[Delivery]:
        """Return one delivery for each event of the story."""
        return [self._delivery(told) for told in self.story.told]

    @cached_property
    def work(self) -> Sequence[Work]:
        """Return the deliveries as the product understands them."""
        return [understand(self.service, policy(), one) for one in self.deliveries]

    def in_its_way(self) -> Iterator[Delivery]:
        """Yield the deliveries in the copy's order, with its repetitions."""
        return (self.deliveries[number] for number in chain(*self.way.batches))

    @property
    def point(self) -> int:
        """Return before which of its batches it is listed: each of many copies before another."""
        return int(self.number) // 3 % (len(self.way.batches) + 1)

    def listed(self, types: Collection[str]) -> list[Snapshot]:
        """Return what a listing of these types says after the story, of what still stands."""
        if any(work.event is None for work in self.work):
            return []  # what is not understood of a webhook is not of a listing
        said = [replace(self.fetched(e.id), source=LIST) for e in self.story.standing]
        return [snapshot for snapshot in said if snapshot.object_type in types]

    def fetched(self, id: str) -> Snapshot:
        """Return what a GET of an object says after the story.

        Its clock is its own, or else the time of the answer.
        """
        last = next(told for told in reversed(self.story.told) if self._tells(told, id))
        seen = replace(
            last,
            id=f"evt_fetched_{MARK}",
            type=self.source.lives[last.of].updated,
            at=FETCHED,
            shown=last.object,
            version="",
        )
        said = self.service.read(self._delivery(seen)).snapshot
        stamped = self.source.lives[last.of].stamped is not None
        clock = said.clock if stamped else FETCHED * 1000
        return replace(said, clock=clock, source=FETCH, event_id=None)

    def _tells(self, told: Told, id: str) -> bool:
        content = self.source.lives[told.of].content(told.object)
        return told.object["id"] == id and content is not None

    def _delivery(self, told: Told) -> Delivery:
        body, headers = self.source.wrap(told.type, told.shown, told.at, told.id, told.version)
        kept = {name: self._own(value) for name, value in headers.items()}
        text = self._own(dump(in_mode(self.service, body)))
        return Delivery(self.service.name, "", text.encode(), kept, datetime.now(UTC))

    def _own(self, text: str) -> str:
        return text.replace(MARK, MARK + self.number)
