"""Syncs that did not come to their end in time, and differences that stand open."""

from collections.abc import Collection, Iterator
from typing import Any

from db.session import transaction
from integrations.sources import SYNCS
from integrations.syncs import Sync
from integrations.targets import TARGETS
from settings import settings
from settings.services import Syncs
from worker.arrays import array
from worker.ledger import sql
from worker.signals.errors import class_of
from worker.signals.reason import Look, Reason
from worker.signals.words import age, counted
from worker.syncs import outward, past_runs
from worker.syncs.past_drift import DRIFT
from worker.syncs.runs import CURSORS, RUNS

HOUR = 3600.0
_SPARE = 900.0
"""Seconds beyond its interval that any sync may take: a run has slices, and waits its turn."""
_MOST = 10_000
Key = tuple[str, str, str]

# since it is tried, where it never came to its end
_TRIED = f"""
    SELECT asked.*, (SELECT min(started_at) FROM {RUNS} AS run WHERE run.service = asked.service
        AND run.name = asked.name AND run.kind = asked.kind) AS since
    FROM unnest(CAST(:services AS text[]), CAST(:names AS text[]), CAST(:kinds AS text[]))
        AS asked(service, name, kind)
"""  # noqa: S608  our own table

# of the last run that was complete: what is still so, it has found again
_OPEN = f"""
    SELECT run.service, found.* FROM (
        SELECT DISTINCT run.service, last.id FROM {CURSORS} AS run, LATERAL (
            SELECT id FROM {RUNS} AS r WHERE r.service = run.service AND r.name = run.name
                AND r.kind = run.kind AND r.account = run.account AND status = 'complete'
            ORDER BY started_at DESC LIMIT 1) AS last
        WHERE run.kind IN ('reconcile', 'outward')) AS run, LATERAL (
        SELECT count(*) AS fields, count(DISTINCT row_id) AS rows, min(found_at) AS since,
            mode() WITHIN GROUP (ORDER BY cause) AS why, mode() WITHIN GROUP (ORDER BY table_name)
                AS of
        FROM (SELECT row_id, found_at, cause, table_name FROM {DRIFT} AS d
            WHERE d.run_id = run.id AND repaired_at IS NULL LIMIT {_MOST}) AS open) AS found
    WHERE found.fields > 0 AND run.service = ANY(CAST(:services AS text[]))
    ORDER BY run.service, found.fields DESC
"""  # noqa: S608  our own tables


def reasons(look: Look) -> Iterator[tuple[str, Reason]]:
    """Yield what is late, and what a complete run found to differ that nobody mended."""
    yield from _late(look)
    with transaction() as session:
        drift = session.execute(sql(_OPEN), {"services": array(look.services)}).all()
    yield from ((row.service, _drifted(row)) for row in drift)


def _late(look: Look) -> Iterator[tuple[str, Reason]]:
    ages = {(r.service, r.name, r.kind): r.seconds for r in past_runs.ages()}
    failed = {(r.service, r.name, r.kind): r for r in past_runs.last() if r.status != "running"}
    due = {key: every for key, every in _due(look) if every}
    never = _never(look, due.keys() - ages.keys())
    for key, every in due.items():
        seconds = ages.get(key, never.get(key))
        if seconds is None or seconds < every * settings().watch.watch_sync_factor + _SPARE:
            continue
        yield key[0], _behind(look, key, seconds, ever=key in ages, last=failed.get(key))


def _due(look: Look) -> Iterator[tuple[Key, float]]:
    """Yield what is to be complete every so many seconds, as worker/schedule.py has it."""
    for name in look.services:
        if name in SYNCS and SYNCS[name].on():
            yield from _copied(SYNCS[name], settings().syncs)
    if "loops" in look.services and TARGETS["loops"].on():
        yield ("loops", outward.NAME, "outward"), settings().syncs.outward_hours * HOUR


def _copied(sync: Sync, given: Syncs) -> Iterator[tuple[Key, float]]:
    if sync.log is not None:
        yield (sync.name, "events", "catch_up"), given.sync_events_seconds
    for one in sync.collections:
        if one.list and sync.log is None:
            yield (sync.name, one.object_type, "catch_up"), given.sync_objects_seconds
        hours = given.reconcile_dear_hours if one.dear else given.reconcile_hours
        yield (sync.name, one.object_type, "reconcile"), hours * HOUR


def _never(look: Look, missing: Collection[Key]) -> dict[Key, float]:
    """Return for how many seconds what never came to its end has been tried."""
    services, names, kinds = zip(*missing, strict=True) if missing else ((), (), ())
    keys = {"services": array(services), "names": array(names), "kinds": array(kinds)}
    with transaction() as session:
        rows = session.execute(sql(_TRIED), keys).all()
    return {
        (row.service, row.name, row.kind): (look.now - row.since).total_seconds()
        for row in rows
        if row.since is not None
    }


def _behind(look: Look, key: Key, seconds: float, *, ever: bool, last: Any) -> Reason:
    service, name, kind = key
    what = f"The {kind.replace('_', ' ')} of {name}"
    how = f"last complete {age(seconds)} ago" if ever else f"never complete in {age(seconds)}"
    error = getattr(last, "error", None)
    why = f"; it {last.status}: {class_of(str(error))}" if error else ""
    return Reason(
        "sync_late",
        "degraded",
        f"{what} was {how}{why}.",
        look.ago(seconds),
        f"{kind} {name}",
        look="tallyman sync status",
        mend=f"tallyman reconcile {service} {name}"
        if kind == "reconcile"
        else f"tallyman sync run {service}",
        page=f"/syncs?service={service}",
    )


def _drifted(row: Any) -> Reason:
    outward = row.service not in SYNCS
    return Reason(
        "drift_open",
        "degraded",
        f"{counted(row.rows, 'row')} of {row.of} and others are not as at the service, in "
        f"{counted(row.fields, 'field')}; the cause is most often: {row.why}.",
        row.since,
        f"{row.of}: {row.why}",
        look="tallyman sync status" if outward else f"tallyman reconcile {row.service}",
        mend=f"tallyman sync run {row.service}"
        if outward
        else f"tallyman reconcile {row.service} --apply",
        page=f"/drift?service={row.service}",
    )
