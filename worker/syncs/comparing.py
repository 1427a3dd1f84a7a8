"""Hold what a service tells of its objects against what is kept of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from db.session import transaction
from integrations import INTEGRATIONS
from integrations.errors import Unreadable
from integrations.interface import Members, Mirror, Row, Snapshot
from integrations.syncs import FETCH
from telemetry import describe, log
from worker.syncs import drift, kept
from worker.syncs.drift import Difference, loggable
from worker.syncs.kept import Kept

_OWN_CLOCKS = ("updated", "updated_at", "last_modified")
_log = log(__name__)


@dataclass(frozen=True, slots=True)
class Compared:
    """An object as it was told, its row as it stood then, and in what these differ.

    `edited` are the places in which the row is not what its own `data` says. `moved` says that it
    differs in what moves by itself, too, which is no difference.
    """

    snapshot: Snapshot
    parts: Sequence[Row | Members]
    kept: Kept | None
    differences: Sequence[Difference]
    edited: frozenset[tuple[str, str, str]]
    moved: bool = False

    @property
    def row(self) -> Row:
        """Return the object's own row, as it was told."""
        return kept.own(self.parts)

    @property
    def own_clock(self) -> bool:
        """Return whether the clock is the object's own time of change: one of its columns then."""
        return own_clock(self.snapshot, self.row)

    @property
    def newer_here(self) -> bool:
        """Return whether the row may show a newer version than the one that was told.

        A clock that is no object's own is not finer than the answer's second: an event of the same
        second may be the later. A row that was changed here shows no version at all.
        """
        if self.kept is None or self.snapshot.gone_at is not None:
            return False
        if self.kept.clock != self.snapshot.clock:
            return self.kept.clock > self.snapshot.clock
        return not (self.own_clock or self.edited)

    @property
    def drifted(self) -> bool:
        """Return whether the row is not as it is there, and not newer."""
        return bool(self.differences) and not self.newer_here

    def outlived(self, begun: int) -> bool:
        """Return whether the row, as old as what was told, is no later for it.

        An answer that was `begun` after the second of the object's own clock tells what came of it;
        within that second only the object itself can. What is deleted stays deleted.
        """
        kept, told = self.kept, self.snapshot.clock
        if kept is None or kept.deleted_at is not None or not (self.own_clock and self.row.whole):
            return False
        return kept.clock == told and told + 1000 <= begun

    @property
    def unsettled(self) -> bool:
        """Return whether only the object itself can tell: a listing is not enough.

        It was told in part and differs, or the row is newer but was changed here, or it is deleted
        here.
        """
        if self.snapshot.source == FETCH or self.kept is None:
            return self.snapshot.source != FETCH and not self.row.whole
        if self.newer_here:
            return bool(self.edited)
        return bool(self.differences) and (not self.row.whole or self.kept.deleted_at is not None)


def compare(
    service: str, object_type: str, snapshots: Sequence[Snapshot]
) -> tuple[list[Compared], list[Snapshot]]:
    """Return the objects beside their rows, and those that could not be read.

    All are of that type and of one account.
    """
    mirror = INTEGRATIONS[service].mirrors[object_type]
    projected, unread = _projected(service, mirror, snapshots)
    with transaction() as session:
        found = kept.read(session, projected)
    return [
        _compared(mirror, s, parts, found.get(kept.own(parts).id)) for s, parts in projected
    ], unread


def _compared(
    mirror: Mirror, snapshot: Snapshot, parts: Sequence[Row | Members], row: Kept | None
) -> Compared:
    found, edited = drift.compare(snapshot, parts, row), drift.edited(mirror, row)
    told = [one for one in found if not one.restless or one.place in edited]
    return Compared(snapshot, parts, row, told, edited, moved=len(told) < len(found))


def _projected(
    service: str, mirror: Mirror, snapshots: Iterable[Snapshot]
) -> tuple[list[kept.Projected], list[Snapshot]]:
    readable: dict[str, kept.Projected] = {}
    unread: list[Snapshot] = []
    for snapshot in snapshots:
        try:
            parts = mirror.project(snapshot)
            readable[kept.own(parts).id] = snapshot, parts  # twice in a page: the later one counts
        except (Unreadable, RecursionError) as error:
            _log.warning(
                "sync.unreadable",
                service=service,
                type=snapshot.object_type,
                id=loggable(id_of(snapshot)),
                error=describe(error),
            )
            unread.append(snapshot)
    return list(readable.values()), unread


def own_clock(snapshot: Snapshot, row: Row) -> bool:
    """Return whether a snapshot's clock is the object's own time of change."""
    times = [row.values.get(name) for name in _OWN_CLOCKS]
    stamps = [t.timestamp() for t in times if isinstance(t, datetime)]
    return snapshot.clock in {round(stamp * 1000) for stamp in stamps}


def id_of(snapshot: Snapshot) -> str:
    """Return an object's id even where nothing else of it can be read; '' without one."""
    return str(snapshot.object.get("id", ""))
