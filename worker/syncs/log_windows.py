"""Which part of a service's log a catch-up reads: what may be lacking, and nothing on its way."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row

from db.session import transaction
from integrations.syncs import Log
from settings import settings
from worker import inbox
from worker.ledger import TABLE, sql
from worker.syncs.runs import RUNS, Run

_ON_THE_WAY = timedelta(minutes=1)  # younger ones are most likely being sent just now
_BEFORE_WAITING = timedelta(minutes=5)
_SLOW = timedelta(days=1)  # no run that goes on is so far behind what its log forgets


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of the log is read; up to `read` it was. From `lost` to there it is forgotten."""

    since: datetime
    until: datetime
    read: datetime
    lost: datetime | None = None


def complete_until(window: Window, begun: int | None) -> datetime | None:
    """Return up to when nothing is missing: no later than when the service first answered.

    Where our clock is ahead, it had not got to the end of the window by then. None: nobody asked.
    """
    if begun is None:
        return None
    return min(window.until, datetime.fromtimestamp(begun / 1000, UTC))


def next_window(run: Run, log: Log) -> Window:
    """Return from an overlap before the last complete run to what may be on its way still.

    Never from before we began: of that nobody was to be told, and the objects are the backfill's.
    """
    times = _times(run)
    remembered = times.now - log.remembers
    if run.state:
        names = ("since", "until", "read")
        of = {name: datetime.fromisoformat(run.state[name]) for name in names}
        if of["read"] < remembered - _SLOW:  # it stood still for so long
            return Window(of["since"], of["until"], remembered, lost=of["read"])
        return Window(**of)
    until = times.now - _ON_THE_WAY
    if times.waiting:
        until = min(until, times.waiting - _BEFORE_WAITING)
    overlap = timedelta(seconds=settings().syncs.sync_overlap_seconds)
    since = max(times.began, (run.complete_until or times.began) - overlap)
    if remembered <= since:
        return Window(since, until, since)
    return Window(remembered, until, remembered, lost=run.complete_until and since)


_TIMES = f"""
    SELECT now(),
        least((SELECT received_at FROM {TABLE} WHERE service = :service
                ORDER BY received_at LIMIT 1),
            (SELECT started_at FROM {RUNS} WHERE service = :service AND name = :name
                ORDER BY started_at LIMIT 1)) AS began,
        least((SELECT min(received_at) FROM {TABLE}
            WHERE service = :service AND status = 'received'), :stream) AS waiting
"""  # noqa: S608  our own table


def _times(run: Run) -> Row[Any]:
    """Return what time it is `now`, when we `began`, and since when the oldest delivery waits."""
    stream = inbox.backlog(run.service).oldest
    with transaction() as session:
        keys = {"service": run.service, "name": run.name, "stream": stream}
        return session.execute(sql(_TIMES), keys).one()
