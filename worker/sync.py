"""The life of one sync, top to bottom: page by page, each committed together with its cursor.

A run that was throttled, cut short or killed is no success: who runs the same next goes on there.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db.session import transaction
from fault_points import reach
from integrations.errors import Deferred, Permanent, Transient
from settings import settings
from telemetry import describe
from worker import bell, inbox
from worker.faults import ours
from worker.observed import synced, syncing
from worker.slots import slot
from worker.syncs import runs
from worker.syncs.runs import INTERRUPTED, Counts, LostError, Run

__all__ = ["Counts", "Failed", "Outcome", "Progress", "Run", "Step", "run"]

Progress = Callable[["Step", Counts], None]
"""Told of each step that was committed, and what it added."""


class Failed(Exception):
    """What `ask` or `write` raises to end the run as `failed`: its next begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a page brought, and where the next one begins.

    `write` runs in the transaction that commits the place and the counts. `complete_until` is the
    service's time up to which nothing is missing when the run is complete. `total` is how many
    there are in all, where the service says so: for the progress.
    """

    write: Callable[[Session], Counts]
    cursor: str | None
    over: bool
    state: dict[str, Any] = field(default_factory=dict)
    complete_until: datetime | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a slice ended: complete, running (time was up), stopped, failed, lost, busy or not due.

    `wait`: in how many seconds it may go on, if that is known to help. `moved`: if it got on.
    """

    status: str
    run_id: int | None = None
    error: str | None = None
    wait: float | None = None
    moved: bool = False

    def __str__(self) -> str:
        """Return it as Flower shows it."""
        return f"{self.status}: {self.error}" if self.error else self.status


def run(
    service: str,
    name: str,
    kind: str,
    ask: Callable[[Run], Step],
    *,
    task: str | None,
    account: str = "",
    plan: bool = False,
    seconds: float | None = None,
    every: float | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Begin or resume a run, and take steps until it is over or `seconds` (the slice) are spent.

    Then `task` is rung to go on, which rests while the service is paused; without one the caller
    does. `ask` is called outside any transaction. With `every`, a run begins once in each slot of
    so many seconds.
    """
    if task and service in inbox.paused():
        return Outcome("paused")
    end = time.monotonic() + (settings().inbox.time_slice_seconds if seconds is None else seconds)
    with slot(service) as free:
        begun = runs.begin(service, name, kind, account, plan=plan, every=every) if free else None
        if begun is None:
            return Outcome("not now" if free else "busy")
        with syncing(begun):
            outcome = _carried(begun, ask, end, progress)
    if outcome.status == "running" and task:
        bell.ring(task)
    synced(begun, outcome.status)
    return outcome


def _carried(run: Run, ask: Callable[[Run], Step], end: float, told: Progress | None) -> Outcome:
    """Take steps until it is over, time is up or something comes in between; let go of the run.

    Raises what is nobody's fault but our own code's.
    """
    moved = False
    try:
        for outcome in _steps(run, ask, end, told):
            if outcome:
                return replace(outcome, moved=True)
            moved = True
            if time.monotonic() >= end:
                break
    except BaseException as error:
        if (verdict := _verdict(error, moved=moved)) is None:
            by_hand = isinstance(error, KeyboardInterrupt)
            _ended(run, Outcome("stopped", error=INTERRUPTED if by_hand else describe(error)))
            raise
        return _ended(run, replace(verdict, moved=moved))
    return _ended(run, Outcome("running", moved=True))


def _steps(
    run: Run, ask: Callable[[Run], Step], end: float, told: Progress | None
) -> Iterator[Outcome | None]:
    """Take one step after the other; yield the run's outcome, which is None before the last."""
    while True:
        step = _asked(run, ask, end)
        reach("sync.asked")
        counts, outcome = _commit(run, step)
        reach("sync.committed")
        if told:
            told(step, counts)
        yield outcome
        run = replace(run, cursor=step.cursor, state=step.state)


def _asked(run: Run, ask: Callable[[Run], Step], end: float) -> Step:
    """Return what a page brings; what is deferred for less than is left of the slice waits here."""
    while True:
        try:
            return ask(run)
        except Deferred as deferred:
            left = min(end - time.monotonic(), settings().inbox.reclaim_idle_seconds / 4)
            if deferred.wait > left:
                raise
            time.sleep(deferred.wait)


def _commit(run: Run, step: Step) -> tuple[Counts, Outcome | None]:
    """Write what a page brought, the run's new place and its account; end it if that was all."""
    with transaction() as session:
        runs.hold(session, run, step.cursor, step.state)
        counts = step.write(session)
        failed = runs.add(session, run, counts)
        if not step.over:
            return counts, None
        error = f"{failed} could not be read or written" if failed else None
        outcome = Outcome("failed" if failed else "complete", run.id, error)
        until = None if failed or run.plan else step.complete_until
        runs.end(session, run, outcome.status, error, until)
    return counts, outcome


def _verdict(error: BaseException, *, moved: bool) -> Outcome | None:
    """Return how the slice ends that raised, None where nobody foresaw it.

    Where the first question is refused already, it is its place that may be: the next run does not
    go on from there.
    """
    rest, slice = settings().inbox.rest_seconds, settings().inbox.time_slice_seconds
    match error:
        case LostError():
            return Outcome("lost")
        case Failed():
            return Outcome("failed", error=str(error))
        case Deferred() if error.wait <= slice:
            return Outcome("running")
        case Deferred() | Transient():
            wait = error.wait if isinstance(error, Deferred) else error.retry_after
            return Outcome("stopped", error=describe(error), wait=wait or rest)
        case Permanent():
            return Outcome("stopped" if moved else "failed", error=describe(error))
        case _:
            return Outcome("stopped", error=describe(error), wait=rest) if ours(error) else None


def _ended(run: Run, outcome: Outcome) -> Outcome:
    """Let go of the run. Where Postgres is away its lease ends by itself."""
    try:
        with transaction() as session:
            runs.end(session, run, outcome.status, outcome.error)
    except (LostError, SQLAlchemyError) as error:
        return Outcome("lost", run.id, outcome.error or describe(error))
    return replace(outcome, run_id=run.id)
