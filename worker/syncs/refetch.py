"""Fetch what a row's clock left open, object by object: ties, lists cut short, and placeholders.

It works on rows, so that whatever leaves an object open any number of times is one call.
"""

from collections.abc import Iterator
from functools import partial

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from integrations import INTEGRATIONS
from integrations.errors import Permanent, Transient, Unreadable
from integrations.syncs import Sync
from telemetry import describe, log
from worker import sync
from worker.faults import ours
from worker.rows import Projected
from worker.sync import Step
from worker.syncs import kept, settle
from worker.syncs.runs import Counts, Run
from worker.syncs.settle import Open, Tables

NAME = "refetch"
AT_ONCE = 50
"""So many rows are found at a time."""
MOST_FAILURES = 10
"""After so many a slice ends: it is the service then, or the key, and not the objects."""
SOON, CUT_OFF, IN_VAIN, CUT_SHORT = 2.0, 60.0, 300.0, 3600.0
"""Seconds that a row waits: for a later answer; once it could not be asked for; at least, if the
service refuses or cannot be read; at least, if a list in it is never told whole."""
_log = log(__name__)


def refetch(service: Sync) -> str:
    """Fetch what is due of a service until nothing is or the slice is spent; return how it went.

    No run is entered where nothing is due.
    """
    tables = fetched(service)
    if not (service.on() and settle.due(tables, 1)):
        return "idle"
    ask = _Slice(service, tables).ask
    return str(sync.run(service.name, NAME, NAME, ask, task=f"{service.name}.sync.{NAME}"))


def fetched(service: Sync) -> Tables:
    """Return the object types that can be fetched, with their tables."""
    mirrors = INTEGRATIONS[service.name].mirrors
    types = [c.object_type for c in service.collections if c.fetch and c.object_type in mirrors]
    return tuple((of, mirrors[of].model.__table__) for of in types)


class _Slice:
    """The rows of a slice, each of which is asked for once, and why the last of them failed."""

    def __init__(self, service: Sync, tables: Tables) -> None:
        self._service = service
        self._tables = dict(tables)
        self._rows = self._due()
        self._row: Open | None = None
        self._failed = 0
        self._error: Transient | Permanent | None = None

    def ask(self, run: Run) -> Step:
        """Fetch one object. Raises Deferred, and the last error where too many fail."""
        if self._error and self._failed >= MOST_FAILURES:
            raise self._error
        row = self._row = self._row or next(self._rows, None)
        if row is None:
            return Step(write=lambda _: Counts(), cursor=None, over=True)
        try:
            told = self._told(row)
        except (Transient, Permanent) as error:
            self._note(run, row, error)
            self._row = None
            return Step(write=partial(self._wait, row, error), cursor=None, over=False)
        self._row = None  # but not where it was deferred: it is asked for again then
        return Step(write=partial(self._settle, row, told), cursor=None, over=False)

    def _due(self) -> Iterator[Open]:
        """Yield each row once: what is open again, or still, is for the next slice."""
        seen: set[tuple[str, str, str]] = set()
        tables = tuple(self._tables.items())
        while new := [row for row in settle.due(tables, AT_ONCE) if row[:3] not in seen]:
            seen |= {row[:3] for row in new}
            yield from new

    def _told(self, row: Open) -> Projected:
        """Return what the service says of an object, and its rows. Raises Transient, Permanent."""
        collection = self._service.collection(row.object_type)
        if collection is None or collection.fetch is None:
            raise Permanent(f"{self._service.name} cannot be asked for one {row.object_type}")
        name = collection.named({"id": row.id, **(row.known or {})})
        snapshot = collection.fetch(row.account, name)
        mirror = INTEGRATIONS[self._service.name].mirrors[row.object_type]
        try:
            return snapshot, mirror.project(snapshot)
        except RecursionError as error:
            raise Unreadable(describe(error)) from None

    def _settle(self, row: Open, told: Projected, session: Session) -> Counts:
        """Write what was fetched; what leaves it open waits for the next time."""
        snapshot, parts = told
        table, whole = self._tables[row.object_type], kept.own(parts).whole
        try:
            with session.begin_nested():
                settled = settle.settle(session, table, row, told)
        except DBAPIError as error:
            if ours(error):
                raise
            return self._wait(row, Permanent(describe(error)), session)
        if settled:
            there = int(snapshot.gone_at is None)
            return Counts(there=there, fetched=there, applied=1, gone=1 - there)
        settle.later(session, table, row, SOON if whole else CUT_SHORT)
        return Counts(there=1, failed=int(not whole))

    def _wait(self, row: Open, error: Transient | Permanent, session: Session) -> Counts:
        table = self._tables[row.object_type]
        if isinstance(error, Transient):
            wait = error.retry_after or CUT_OFF
            settle.later(session, table, row, wait, wait)
        else:
            settle.later(session, table, row, IN_VAIN)
        return Counts(failed=1)

    def _note(self, run: Run, row: Open, error: Transient | Permanent) -> None:
        """Count a failure; the first of a slice is logged."""
        if not self._failed:
            said = describe(error)
            _log.warning("refetch.failed", service=run.service, type=row.object_type, error=said)
        self._failed, self._error = self._failed + 1, error
