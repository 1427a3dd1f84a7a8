"""Catch up from a service's own log: what the ledger lacks takes the way of what fell back.

It is entered as `received`, and upkeep has it drained within a second: so its effects are made
once, and those of what happened too long ago are held.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from integrations import INTEGRATIONS
from integrations.errors import Unreadable
from integrations.interface import Delivery
from integrations.syncs import Log, Logged, LogPage, Sync
from settings import settings
from telemetry import log
from worker import bell, ledger, sync
from worker.arrays import array
from worker.ledger import TABLE, Record, sql
from worker.pipeline import ignored
from worker.sync import Counts, Outcome, Progress, Run, Step
from worker.syncs.accounts import accounts
from worker.syncs.log_windows import Window, complete_until, next_window

NAME = "events"
KIND = "catch_up"
_log = log(__name__)


def events(service: Sync) -> str:
    """Catch up, for each account, where that has not been done in this slot; return how it went.

    When the slice is spent the task is rung, and the other accounts have their turn then.
    """
    task, every = f"{service.name}.sync.events", settings().syncs.sync_events_seconds
    end = time.monotonic() + settings().inbox.time_slice_seconds
    outcomes = list[Outcome]()
    for account in accounts(service.name):
        if outcomes and time.monotonic() >= end:
            bell.ring(task)
            break
        left = max(0.0, end - time.monotonic())
        outcomes.append(catch_up(service, account, task=task, seconds=left, every=every))
        if outcomes[-1].status == "running":
            break
    return " ".join(map(str, outcomes))


def catch_up(
    service: Sync,
    account: str = "",
    *,
    task: str | None = None,
    seconds: float | None = None,
    every: float | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Take what the log has of an account and the ledger lacks. Otherwise as worker.sync.run."""
    log = service.log
    if log is None:
        raise ValueError(f"{service.name} keeps no log")
    return sync.run(
        service.name,
        NAME,
        KIND,
        lambda run: _step(run, log),
        task=task,
        account=account,
        seconds=seconds,
        every=every,
        progress=progress,
    )


def _step(run: Run, log: Log) -> Step:
    """Read a page of the window, which stays the same for all of the run."""
    window = next_window(run, log)
    page = LogPage([], None)
    if window.since < window.until:
        page = log.read(run.account, window.since, window.until, run.cursor)
    found = [record for one in page.events if (record := _record(run, one))]
    begun = run.state.get("begun", page.begun)
    return Step(
        write=lambda session: _entered(session, run, found, window),
        cursor=page.after,
        over=page.after is None,
        state={
            "since": window.since.isoformat(),
            "until": window.until.isoformat(),
            "read": max([window.read, *(one.created_at for one in page.events)]).isoformat(),
            "begun": begun,
        },
        complete_until=complete_until(window, begun),
    )


def _record(run: Run, one: Logged) -> Record | None:
    """Return what the ledger shall hold of an event, None of one that nobody here handles."""
    service = INTEGRATIONS[run.service]
    came = Delivery(run.service, "", one.body, {}, datetime.now(UTC))
    safe = service.safe(came)
    try:
        event = service.read(safe)
    except Unreadable:  # the drain will say why, of the same bytes: they are its id
        return Record(came, ledger.unread_id(came), "received", attempts=0)
    if ignored(service, event):
        return None
    return Record(
        safe,
        event.id,
        "received",
        type=event.type,
        account=event.account,
        occurred_at=event.occurred_at,
        attempts=0,
    )


_KNOWN = f"""
    SELECT event_id FROM {TABLE}
    WHERE service = :service AND event_id = ANY(CAST(:ids AS text[]))
"""  # noqa: S608  our own table


def _entered(session: Session, run: Run, found: Sequence[Record], window: Window) -> Counts:
    """Enter what the ledger lacks; return the account of the page."""
    ids = array(record.event_id for record in found)
    keys = {"service": run.service, "ids": ids}
    known = set(session.execute(sql(_KNOWN), keys).scalars()) if found else set()
    lacking = [record for record in found if record.event_id not in known]
    taken = ledger.claim(session, lacking) if lacking else set()
    times = [record.occurred_at for record in lacking if record.occurred_at]
    if window.lost:
        _log.warning("catch_up.forgotten", service=run.service, since=window.lost.isoformat())
        times += [window.lost, window.read]
    return Counts(
        there=len(found),
        here=len(found) - len(taken),
        fetched=len(taken),
        applied=len(taken),
        gap_from=min(times, default=None),
        gap_to=max(times, default=None),
    )
