"""Copy what a service lists: from the beginning (backfill), or what changed since (catch-up).

What a page tells is held against the rows: only what is missing, or newer there, is written, and
by the version rule. So webhooks may go on arriving: nothing older overwrites what they tell.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from db.session import transaction
from integrations.syncs import Collection, Page, Sync
from settings import settings
from worker.contracts.changes import unfit
from worker.ledger import TABLE, sql
from worker.sync import Outcome, Step
from worker.syncs.in_turn import BACKFILL, Told, completed, each, shown, until
from worker.syncs.runs import Run
from worker.syncs.taking import Looked, look, write

CATCH_UP = "catch_up"


def catch_up(service: Sync) -> str:
    """Take what changed since the last time, where no log tells; return how it went, by type."""
    if service.log is not None:
        return "its log tells"
    return shown(
        changes(
            service,
            task=f"{service.name}.sync.objects",
            seconds=settings().inbox.time_slice_seconds,
            every=settings().syncs.sync_objects_seconds,
        )
    )


def changes(
    service: Sync,
    *,
    account: str = "",
    only: Sequence[str] = (),
    task: str | None = None,
    seconds: float | None = None,
    every: float | None = None,
    progress: Told | None = None,
) -> dict[str, Outcome]:
    """Take what changed since the last time, of all types or `only` some: see in_turn.each.

    What is listed newest first is read up to known ground, the rest all through.
    """
    return each(
        service,
        [c for c in service.collections if c.list and (not only or c.object_type in only)],
        CATCH_UP,
        _ask_for_changes,
        account=account,
        task=task,
        seconds=seconds,
        every=every,
        progress=progress,
    )


def backfill(
    service: Sync,
    *,
    account: str = "",
    over: Sequence[str] = (),
    task: str | None = None,
    seconds: float | None = None,
    progress: Told | None = None,
) -> dict[str, Outcome]:
    """Copy all that the service lists, type by type, but for those that are `over`; as each.

    One that was cut short goes on where it stood: types that it had completed are not read again.
    In a `task` those that failed are not, either: it would never come to the others.
    """
    listed = [c for c in service.collections if c.whole]
    names = [c.object_type for c in listed]
    done = completed(service.name, account, names, failed_too=task is not None)
    left = [c for c in listed[done:] if c.object_type not in over]
    return each(
        service,
        left,
        BACKFILL,
        _ask_for_all,
        account=account,
        task=task,
        seconds=seconds,
        progress=progress,
    )


def _ask_for_all(collection: Collection, run: Run) -> Step:
    page = _page(collection.whole, run)
    state = {"begun": run.state.get("begun", page.begun)}
    return _step(look(run, page), page, page.after, state)


def _ask_for_changes(collection: Collection, run: Run) -> Step:
    """Read down to what changed before the last complete run; then the top again.

    What changes meanwhile moves up there, and may have moved past what was read.
    """
    page = _page(collection.list, run)
    looked = look(run, page)
    begun = run.state.get("begun", page.begun)
    if not collection.newest_first:
        return _step(looked, page, page.after, {"begun": begun})
    clocks = [snapshot.clock for snapshot in page.snapshots]
    newest = run.state.get("newest", max(clocks, default=0))
    again = run.state.get("again", False)
    looked = replace(looked, again=again)
    ground = newest if again else _ground(run)
    state = {"begun": begun, "newest": newest, "again": again}
    if page.after is not None and min(clocks, default=0) > ground:
        return _step(looked, page, page.after, state)
    if again:
        return _step(looked, page, None, state)
    return replace(_step(looked, page, None, state | {"again": True}), over=False)


_FIRST = f"SELECT min(received_at) FROM {TABLE} WHERE service = :service"  # noqa: S608  our own


def _ground(run: Run) -> int:
    """Return the own clock below which nothing is new, in milliseconds since 1970.

    What was before our first event belongs to the backfill.
    """
    if run.complete_until is not None:
        overlap = timedelta(seconds=settings().syncs.sync_overlap_seconds)
        return int((run.complete_until - overlap).timestamp() * 1000)
    with transaction() as session:
        first = session.execute(sql(_FIRST), {"service": run.service}).scalar_one()
    return int((first or run.started_at).timestamp() * 1000)


def _page(lists: Callable[[str, str | None], Page] | None, run: Run) -> Page:
    if lists is None:
        raise ValueError(f"{run.service} cannot list {run.name}")
    page = lists(run.account, run.cursor)
    unfit(run.service, run.name, page.unfit)
    return page


def _step(looked: Looked, page: Page, after: str | None, state: dict[str, Any]) -> Step:
    return Step(
        write=partial(write, looked),
        cursor=after,
        over=after is None,
        state=state,
        complete_until=until(state),
        total=page.total,
    )
