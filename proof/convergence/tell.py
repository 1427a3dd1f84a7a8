"""Tell copies of stories to the product, in batches or through the inbox, and read what came of it.

The tables and the inbox are emptied before each telling.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, zip_longest
from random import Random
from typing import Any

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from db.session import transaction
from integrations.interface import Delivery, Integration, Snapshot
from integrations.sources import SYNCS
from proof.convergence.compare import Rows, read
from proof.convergence.copies import Copy
from proof.convergence.ways import Way, natural
from settings import settings
from simulator.life import MARK, Source
from telemetry import describe
from worker import inbox, rows
from worker.drain import drain
from worker.pipeline import apply
from worker.retry import policy
from worker.syncs import settle

AT_ONCE = 250  # copies in one transaction
PATIENCE = 60  # seconds that two workers may take for what takes them two


@dataclass(frozen=True, slots=True)
class Ended:
    """The ledger's statuses, and the rows of each copy, before and after ties were fetched.

    `broken` are the errors that reached the outermost caller.
    """

    broken: Sequence[str]
    statuses: Mapping[str, int]
    rows: Mapping[str, Rows]
    settled: Mapping[str, Rows]


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a service's stories are told. `tables`: those of members name the parent's column."""

    connection: psycopg.Connection[Any]
    schema: str
    service: Integration
    source: Source
    tables: Mapping[str, str | None]

    @property
    def listed(self) -> Collection[str]:
        """Return the types of which the service is asked for a listing."""
        sync = SYNCS.get(self.service.name)
        return {c.object_type for c in sync.collections if c.list} if sync else set()

    @property
    def listed_tables(self) -> Collection[str]:
        """Return their tables."""
        return {table for of, table in self.homes.items() if of in self.listed}

    @property
    def homes(self) -> Mapping[str, str]:
        """Return the table of each object type that events tell of."""
        lives = self.source.lives
        kept = self.service.mirrors.items()
        return {of: m.model.__tablename__ for of, m in kept if not lives[of].listed}

    def in_order(self, copies: Sequence[Copy]) -> Ended:
        """Tell every copy in the order in which it happened, one event in a batch."""
        return self._told(copies, lambda: self._apply(copies, lambda c: natural(len(c.work))))

    def in_batches(self, copies: Sequence[Copy]) -> Ended:
        """Tell every copy in its way; a transaction holds one batch of each of many copies."""
        return self._told(copies, lambda: self._apply(copies, lambda c: c.way))

    def with_a_listing(self, copies: Sequence[Copy]) -> Ended:
        """Tell every copy in its way, and list in between what stands at last: once, anywhere."""
        return self._told(copies, lambda: self._apply(copies, lambda c: c.way, self.listed))

    def by_two_workers(self, copies: Sequence[Copy], dice: Random) -> Ended:
        """Put all that the copies tell into the inbox, mixed, and let two workers drain it."""
        stream = [delivery for copy in copies for delivery in copy.in_its_way()]
        dice.shuffle(stream)
        return self._told(copies, lambda: _drained(self.service, stream))

    def is_used(self) -> bool:
        """Return whether something is there that is not ours: nothing may be told here then."""
        return bool(self._statuses() or inbox.backlog(self.service.name).waiting)

    def clear(self) -> None:
        """Empty the tables and the inbox."""
        names = [f'"{self.schema}"."{name}"' for name in ("events", *self.tables)]
        self.connection.execute(f"TRUNCATE {', '.join(names)}".encode())
        inbox.redis().delete(inbox.stream(self.service.name))

    def _told(self, copies: Sequence[Copy], tell: Callable[[], None]) -> Ended:
        self.clear()
        broken = _errors(tell)
        found = self._read()
        if said := list(_fetched(copies, found)):
            broken += _errors(lambda: self._settle(said, open=True))
        return Ended(broken, self._statuses(), found, self._read() if said else found)

    def _apply(
        self, copies: Sequence[Copy], way: Callable[[Copy], Way], listed: Collection[str] = ()
    ) -> None:
        for start in range(0, len(copies), AT_ONCE):
            some = copies[start : start + AT_ONCE]
            told = [[[c.work[n] for n in batch] for batch in way(c).batches] for c in some]
            for step, parts in enumerate(chain(zip_longest(*told, fillvalue=[]), [()])):
                if said := [
                    s for c in some if listed and c.point == step for s in c.listed(listed)
                ]:
                    self._settle(said)
                if work := [work for part in parts for work in part]:
                    apply(self.service, policy(), work)

    def _settle(self, said: Sequence[Snapshot], *, open: bool = False) -> None:
        """Write what the provider says; of what waits for it, as what settles it."""
        mirrors = self.service.mirrors
        told = [(s, mirrors[s.object_type].project(s)) for s in said]
        kinds = {s.object_type: mirrors[s.object_type].model.__table__ for s in said}
        found = settle.due(tuple(kinds.items()), len(told)) if open else []
        waiting = {(row.object_type, row.id): row for row in found}
        with transaction() as session:
            for one, parts in told:
                if row := waiting.get((one.object_type, one.object["id"])):
                    settle.give_way(session, kinds[one.object_type], row, (one, parts))
            rows.upsert(session, told)

    def _read(self) -> dict[str, Rows]:
        return read(self.connection, self.schema, self.tables, MARK)

    def _statuses(self) -> dict[str, int]:
        counted = f'SELECT status, count(*) FROM "{self.schema}".events GROUP BY status'
        return dict(self.connection.execute(counted.encode()).fetchall())


@contextmanager
def stage(service: Integration, source: Source) -> Iterator[Stage]:
    """Give the stage that the settings name; its tables are empty afterwards."""
    stores = settings().stores
    tables: dict[str, str | None] = {m.model.__tablename__: None for m in service.mirrors.values()}
    tables |= {s.table: s.column for life in source.lives.values() for s in life.sets}
    url = stores.database_url.replace("+psycopg", "", 1)
    with psycopg.connect(url, autocommit=True, options="-c timezone=UTC") as connection:
        yield Stage(connection, stores.database_schema, service, source, tables)


def _errors(do: Callable[[], None]) -> list[str]:
    """Return the error of the database that it ended with, if it did."""
    try:
        do()
    except SQLAlchemyError as error:
        return [describe(error)]
    return []


def _fetched(copies: Sequence[Copy], found: Mapping[str, Rows]) -> Iterator[Snapshot]:
    """Yield what the source says now of all that waits for it; what is deleted says nothing."""
    for copy in copies:
        for object in copy.story.expected:
            row = found.get(copy.number, {}).get(object.key)
            if row and object.versions and row["refetch_at"] and row["deleted_at"] is None:
                yield copy.fetched(object.id)


def _drained(service: Integration, stream: Sequence[Delivery]) -> None:
    """Let two workers empty the inbox. What they leave there after a minute stays."""
    for delivery in stream:
        inbox.put(delivery)
    with ThreadPoolExecutor(2) as workers:
        for ended in [workers.submit(_work, service) for _ in range(2)]:
            ended.result()


def _work(service: Integration) -> None:
    end = time.monotonic() + PATIENCE
    while inbox.backlog(service.name).waiting and time.monotonic() < end:
        if drain(service, policy()) == "resting":
            time.sleep(settings().inbox.rest_seconds / 10)
