"""Look at what a service tells; ask for the objects of which only they themselves can tell."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from integrations.errors import Deferred, Permanent, Transient
from integrations.interface import Snapshot
from integrations.schema import JSON
from integrations.syncs import Collection
from settings import settings
from telemetry import describe, log
from worker.syncs import causes, comparing
from worker.syncs.causes import Evidence
from worker.syncs.comparing import Compared
from worker.syncs.drift import loggable
from worker.syncs.runs import Run

FETCHES = 10
"""So many objects are asked for one by one in a step, at most: each is a call."""
_log = log(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What a step looked at: objects beside their rows, those that could not be read or fetched."""

    objects: Sequence[Compared]
    failed: Sequence[str] = ()
    left: Sequence[str] = ()
    known: Evidence = field(default_factory=lambda: Evidence(None, None, False, None))


def fetched(collection: Collection, run: Run, known: JSON) -> tuple[Snapshot | None, str]:
    """Return the object, None where the service refuses to tell of this one, with its id.

    `known` is what is known of it: its id at least.
    """
    if collection.fetch is None:
        raise ValueError(f"{run.service} cannot be asked for one {run.name}")
    id: str = known["id"]
    try:
        return collection.fetch(run.account, collection.named(known)), id
    except Permanent as error:
        _log.warning("sync.unfetched", service=run.service, id=loggable(id), error=describe(error))
        return None, id


def asked(
    collection: Collection, run: Run, known: Sequence[JSON]
) -> list[tuple[Snapshot | None, str]]:
    """Ask for one object after the other; return what was told of the first of them, as `fetched`.

    As many as fit into a slice. What comes in between ends it there: no call was in vain.
    """
    told: list[tuple[Snapshot | None, str]] = []
    end = time.monotonic() + settings().inbox.time_slice_seconds
    for one in known[:FETCHES]:
        if told and time.monotonic() >= end:
            break
        try:
            told.append(fetched(collection, run, one))
        except (Transient, Deferred):
            if not told:
                raise
            break
    return told


def settled(collection: Collection, run: Run, snapshots: Sequence[Snapshot]) -> Found:
    """Compare; ask for the objects that a listing cannot settle, as `asked` does."""
    objects, unread = comparing.compare(run.service, run.name, snapshots)
    open = [one for one in objects if one.unsettled] if collection.fetch else []
    told = asked(collection, run, [{**one.snapshot.object, "id": one.row.id} for one in open])
    again, unfit = comparing.compare(run.service, run.name, [s for s, _ in told if s])
    still = {one.row.id for one in open}
    done = [one for one in objects if one.row.id not in still] + again
    refused = [id for s, id in told if s is None]
    failed = [comparing.id_of(s) for s in (*unread, *unfit)] + refused
    left = [one.row.id for one in open[len(told) :]]
    return Found(done, failed, left, causes.evidence(run.service, run.account, done))
