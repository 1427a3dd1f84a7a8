"""Hold all that a service has against the rows here, top to bottom; repair where that is asked for.

A run lists the objects of one type (`list`), counts what that did not show (`count`), asks for each
of these (`gone`), and forgets what it has seen (`over`). A service that cannot list some is asked
for each one that is here. Each step is committed with its place: a listing that was cut short goes
on, and nothing is taken for deleted before it is whole.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy.orm import Session

from integrations.schema import JSON
from integrations.syncs import Collection, Page, Sync
from settings import settings
from worker.contracts.changes import unfit
from worker.sync import Outcome, Step
from worker.syncs import causes, comparing, gone, in_turn, past_runs, repairs
from worker.syncs.accounts import accounts
from worker.syncs.in_turn import Told
from worker.syncs.looking import FETCHES, Found, asked, settled
from worker.syncs.runs import Counts, Run

KIND = "reconcile"


def scheduled(service: Sync) -> str:
    """Reconcile what has not been in this slot, for a slice; return how it went, by type.

    What is dear has longer slots, and comes last. What was never copied whole is left: all of it
    would be drift. Differences are repaired only where RECONCILE_REPAIRS says so.
    """
    end, outcomes = time.monotonic() + settings().inbox.time_slice_seconds, list[str]()
    for only, hours, account in _turns(service):
        found = run(
            service,
            apply=settings().syncs.reconcile_repairs,
            account=account,
            only=only,
            task=f"{service.name}.sync.reconcile",
            seconds=max(0.0, end - time.monotonic()),
            every=hours * 3600,
        )
        outcomes.append(in_turn.shown(found))
        if not in_turn.over(found):
            break
    return " ".join(outcomes)


def _turns(service: Sync) -> Iterator[tuple[list[str], float, str]]:
    """Yield which types are reconciled once in how many hours, for each account."""
    given = settings().syncs
    for dear, hours in ((False, given.reconcile_hours), (True, given.reconcile_dear_hours)):
        types = [c.object_type for c in service.collections if c.dear is dear]
        for account in accounts(service.name) if types and hours else ():
            filled = past_runs.filled(service, account)
            if only := [name for name in types if name in filled]:
                yield only, hours, account


def run(
    service: Sync,
    *,
    apply: bool,
    account: str = "",
    only: Sequence[str] = (),
    task: str | None = None,
    seconds: float | None = None,
    every: float | None = None,
    progress: Told | None = None,
) -> dict[str, Outcome]:
    """Reconcile each type of object, or `only` some, in `seconds`; return how it went by type.

    What does not end in that time is `running`, and `task` is rung, or the caller goes on. Without
    `apply` nothing changes but what tells of the runs. `every` is as in worker.sync.run.
    """
    return in_turn.each(
        service,
        [c for c in service.collections if (c.whole or c.fetch) and _wanted(c, only)],
        KIND,
        _ask,
        account=account,
        plan=not apply,
        task=task,
        seconds=seconds,
        every=every,
        progress=progress,
    )


def _wanted(collection: Collection, only: Sequence[str]) -> bool:
    return not only or collection.object_type in only


def _ask(collection: Collection, run: Run) -> Step:
    phase = run.state.get("phase")
    if phase in {None, "over"} and gone.forget(run, too=phase == "over"):
        return Step(write=_nothing, cursor=run.cursor, over=False, state=run.state)
    if phase == "count":
        return _count_unseen(collection, run)
    if phase == "gone":
        return _ask_for_unseen(collection, run)
    if phase == "over":
        until = in_turn.until(run.state)
        return Step(write=_nothing, cursor=None, over=True, complete_until=until)
    return _listed(collection, run)


def _nothing(_session: Session) -> Counts:
    return Counts()


def _listed(collection: Collection, run: Run) -> Step:
    """Look at a page; what only the object itself can tell is asked, a few at a time."""
    page = _page(collection, run)
    state = run.state | {"phase": "list", "begun": run.state.get("begun", page.begun)}
    state |= gone.of_the_key(page.snapshots)
    looked = set(state.pop("looked", ()))
    fresh = [s for s in page.snapshots if comparing.id_of(s) not in looked]
    found = settled(collection, run, fresh)
    step = partial(Step, write=partial(_write, run, found, listed=True), over=False)
    if found.left:
        here = looked | {comparing.id_of(s) for s in fresh} - set(found.left)
        return step(cursor=run.cursor, state=state | {"looked": sorted(here)}, total=page.total)
    if page.after is None:
        phase = "count" if collection.fetch else "over"
        return step(cursor=None, state=state | {"phase": phase}, total=page.total)
    return step(cursor=page.after, state=state, total=page.total)


def _page(collection: Collection, run: Run) -> Page:
    if collection.whole:
        page = collection.whole(run.account, run.cursor)
        unfit(run.service, run.name, page.unfit)
        return page
    known, after = gone.standing(run, run.cursor or "", FETCHES)
    told = asked(collection, run, known)
    there = [s for s, _ in told if s and not s.gone_at]
    begun = min((s.clock for s in there), default=0)
    return Page(there, _behind(known, told, after), begun)


def _behind(known: Sequence[JSON], told: Sequence[object], after: str | None) -> str | None:
    """Return where to go on: behind the last that was asked for, where that was not all."""
    return known[len(told) - 1]["id"] if len(told) < len(known) else after


def _count_unseen(collection: Collection, run: Run) -> Step:
    """Count what was not listed, some rows at a time. Raises Failed where that is too much."""
    found = gone.unseen(run, collection, run.cursor or "")
    missing = run.state.get("missing", 0) + len(found.known)
    here = run.state.get("here", 0) + found.here
    state = run.state | {"missing": missing, "here": here}
    if found.behind is None:
        gone.refuse_too_many(missing, here)
        state |= {"phase": "gone" if missing else "over"}
    return Step(write=_nothing, cursor=found.behind, over=False, state=state)


def _ask_for_unseen(collection: Collection, run: Run) -> Step:
    """Ask for each object that was not listed: only what is said to be gone, is."""
    missing = gone.unseen(run, collection, run.cursor or "")
    told = asked(collection, run, missing.known)
    after = _behind(missing.known, told, missing.behind)
    found = settled(collection, run, [s for s, _ in told if s])
    refused = [id for s, id in told if s is None]
    write = partial(_write, run, replace(found, failed=[*found.failed, *refused]), listed=False)
    state = run.state if after else run.state | {"phase": "over"}
    return Step(write=write, cursor=after, over=False, state=state)


def _write(run: Run, found: Found, session: Session, *, listed: bool) -> Counts:
    """Note what was seen, enter the drift and, if that is asked for, repair it."""
    ids = [one.row.id for one in found.objects if not (listed and one.snapshot.gone_at)]
    new = gone.mark(session, run, [*ids, *found.failed]) if listed else set(ids) | set(found.failed)
    objects = [one for one in found.objects if one.row.id in new]
    drifted = [one for one in objects if one.drifted]
    repaired, applied, failed = set[str](), 0, 0
    if not run.plan:
        repaired, applied, failed = repairs.repair(session, run, drifted)
    entries = [
        (one, d, causes.cause(found.known, one, d)) for one in drifted for d in one.differences
    ]
    repairs.enter(session, run, entries, repaired)
    there = [one for one in objects if not one.snapshot.gone_at]
    lost = {one.row.id for one in drifted if one.snapshot.gone_at}
    taken = {one.row.id for one in drifted} if run.plan else repaired
    return Counts(
        there=len(there),
        here=len(there) - sum(one.drifted for one in there),
        fetched=len(taken - lost),
        applied=applied,
        failed=len(new & set(found.failed)) + failed,
        gone=len(lost),
    )
