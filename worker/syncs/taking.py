"""Take of a page what is missing here, or newer there: nothing older overwrites anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from integrations.syncs import Page
from worker.syncs import comparing, repairs
from worker.syncs.comparing import Compared
from worker.syncs.runs import Counts, Run


@dataclass(frozen=True, slots=True)
class Looked:
    """The objects of a page beside their rows, and how many could not be read.

    `begun` is the page's. With `again` they were counted before.
    """

    run: Run
    objects: Sequence[Compared]
    unread: int
    begun: int
    again: bool = False


def look(run: Run, page: Page) -> Looked:
    """Return what a page tells beside the rows that are here."""
    objects, unread = comparing.compare(run.service, run.name, page.snapshots)
    return Looked(run, objects, len(unread), page.begun)


def _older(one: Compared) -> bool:
    """Return whether the row is as it is there, but was told so before: only its clock is older."""
    return one.kept is not None and one.kept.clock < one.snapshot.clock


def write(looked: Looked, session: Session) -> Counts:
    """Write what differs. A row of the same clock gives way to what was told later."""
    drifted = [one for one in looked.objects if one.drifted]
    rest = [one for one in looked.objects if not one.drifted and (one.moved or _older(one))]
    outlived = [one for one in (*drifted, *rest) if one.outlived(looked.begun)]
    others = [one for one in (*drifted, *rest) if not one.outlived(looked.begun)]
    touched, unwritten = repairs.write(session, others)
    _, repaired, unrepaired = repairs.repair(session, looked.run, outlived)
    changed = [one.snapshot.clock for one in drifted if one.own_clock]
    times = [datetime.fromtimestamp(clock / 1000, UTC) for clock in changed]
    failed = unwritten + unrepaired
    here = 0 if looked.again else len(looked.objects) - len(drifted)
    return Counts(
        there=here + len(drifted),
        here=here,
        fetched=len(drifted) - failed,
        applied=len(touched) + repaired,
        failed=looked.unread + failed,
        gap_from=min(times, default=None),
        gap_to=max(times, default=None),
    )
