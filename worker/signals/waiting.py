"""Deliveries and effects that nobody takes up, though they might be."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from db.session import transaction
from integrations import INTEGRATIONS
from integrations.targets import TARGETS
from settings import settings
from worker import inbox, state
from worker.arrays import array
from worker.causes import EFFECTS
from worker.ledger import TABLE, sql
from worker.signals.reason import Look, Reason
from worker.signals.words import age, counted

_MOST = 10_000

_FALLEN = f"""
    SELECT asked.service, kept.* FROM unnest(CAST(:services AS text[])) AS asked(service), LATERAL (
        SELECT count(*) AS waiting, min(received_at) AS since
        FROM (SELECT received_at FROM {TABLE} AS e
            WHERE e.service = asked.service AND status = 'received'
            ORDER BY received_at LIMIT {_MOST}) AS few) AS kept
"""  # noqa: S608  our own table

# due, and in nobody's hands: one that was put off, or is to be tried again, waits for its time
_EFFECTS = f"""
    SELECT asked.service, kept.* FROM unnest(CAST(:services AS text[])) AS asked(service), LATERAL (
        SELECT count(*) FILTER (WHERE retry_at <= now() AND lease_token IS NULL) AS due,
            min(retry_at) FILTER (WHERE lease_token IS NULL) AS due_since,
            count(*) FILTER (WHERE {{tried}}) AS tried,
            min(created_at) FILTER (WHERE {{tried}}) AS tried_since
        FROM (SELECT retry_at, created_at, lease_token, attempts FROM {EFFECTS} AS e
            WHERE e.target = asked.service AND status = 'waiting'
            ORDER BY retry_at LIMIT {_MOST}) AS few) AS kept
""".format(  # noqa: S608  our own table
    tried="attempts > 0 AND created_at < now() - make_interval(secs => :stuck)"
)


def backlogs(services: tuple[str, ...]) -> dict[str, tuple[int, datetime]]:
    """Return how many deliveries of each service wait unread, and since when; only where any do."""
    mine = [name for name in services if name in INTEGRATIONS]
    with transaction() as session:
        fallen = session.execute(sql(_FALLEN), {"services": array(mine)}).all()
    found = {}
    for row in fallen:
        stream = inbox.backlog(row.service)
        times = [t for t in (row.since, stream.oldest) if t is not None]
        if times:
            found[row.service] = (row.waiting + stream.waiting, min(times))
    return found


def reasons(look: Look) -> Iterator[tuple[str, Reason]]:
    """Yield whose deliveries wait for longer than is good, and whose effects do."""
    late = look.ago(settings().watch.watch_waiting_seconds)
    idle = not state.workers()
    for service, (count, since) in look.waiting.items():
        if since <= late:
            yield service, _unread(look, count, since, idle=idle)
    on = array(name for name in look.services if name in TARGETS and TARGETS[name].on())
    keys = {"services": on, "stuck": settings().watch.watch_stuck_seconds}
    with transaction() as session:
        effects = session.execute(sql(_EFFECTS), keys).all()
    for row in effects:
        if row.due and row.due_since <= late:
            yield row.service, _undone(look, row, idle=idle)
        if row.tried:
            yield row.service, _in_vain(look, row)


def _state(look: Look, since: datetime) -> Any:
    return "failing" if since <= look.ago(settings().watch.watch_stuck_seconds) else "degraded"


def _why(*, idle: bool) -> str:
    return " No worker is alive." if idle else ""


def _mend(*, idle: bool) -> str:
    what = "the workers" if idle else "the workers, one at a time"
    return f"start {what} again (Procfile: worker, work); what else is wrong: tallyman doctor"


def _unread(look: Look, count: int, since: datetime, *, idle: bool) -> Reason:
    waited = age((look.now - since).total_seconds())
    what = counted(count, "delivery waits", "deliveries wait")
    return Reason(
        "waiting_old",
        _state(look, since),
        f"{what} to be applied, the oldest for {waited}.{_why(idle=idle)}",
        since,
        "no worker" if idle else "",
        look="tallyman status",
        mend=_mend(idle=idle),
        page="/services",
    )


def _undone(look: Look, row: Any, *, idle: bool) -> Reason:
    waited = age((look.now - row.due_since).total_seconds())
    return Reason(
        "waiting_old",
        _state(look, row.due_since),
        f"{counted(row.due, 'effect')} should have been performed {waited} ago.{_why(idle=idle)}",
        row.due_since,
        "effects, no worker" if idle else "effects",
        look=f"tallyman effects list --target {row.service} --status waiting",
        mend=_mend(idle=idle),
        page=f"/effects?target={row.service}&status=waiting",
    )


def _in_vain(look: Look, row: Any) -> Reason:
    waited = age((look.now - row.tried_since).total_seconds())
    what = counted(row.tried, "effect has", "effects have")
    return Reason(
        "retrying_old",
        "degraded",
        f"{what} been tried in vain, the oldest for {waited}.",
        row.tried_since,
        "effects",
        look=f"tallyman effects list --target {row.service} --status waiting",
        mend="mend what their errors name; they are tried again by themselves",
        page=f"/effects?target={row.service}&status=waiting",
    )
