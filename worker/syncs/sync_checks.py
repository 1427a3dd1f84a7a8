"""Whether beat ticks, and how the last runs of syncs ended: for `tallyman doctor`."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from integrations.sources import SYNCS
from integrations.syncs import Sync
from worker import state
from worker.checks import Finding, verdict
from worker.syncs import past_runs

_AGAIN = {"backfill": "sync backfill", "reconcile": "reconcile"}
STUCK = 3600  # seconds: what stands still goes on within a minute or two, if it can


def findings() -> Iterator[Finding]:
    """Yield what concerns the syncs; nothing of what a store knows that is away."""
    with suppress(RedisError):
        yield _beat(state.beat_age())
    with suppress(SQLAlchemyError):
        yield from (found for run in past_runs.last() if (found := _run(run)))
        yield from (found for sync in SYNCS.values() if sync.on() and (found := _empty(sync)))


def _beat(age: float | None) -> Finding:
    if age is None:
        return Finding("off", "beat has had nothing run yet")
    good = age <= state.BEAT_LATE
    what = f"beat had something run {age:.0f} s ago"
    return verdict(good, what, "start it: until then nothing is synced (tallyman up has it)")


def _empty(sync: Sync) -> Finding | None:
    """Return that what was before us is not here, as long as nothing was ever copied whole."""
    if past_runs.filled(sync, ""):
        return None
    what = f"{sync.name} has no backfill: what was before is not here, and nothing is reconciled"
    return Finding("off", what, f"copy it: tallyman sync backfill {sync.name}")


def _run(run: Any) -> Finding | None:
    """Return what is wrong with a run, None where nothing is."""
    what = f"{run.service} {run.name}: its last {run.kind.replace('_', '-')}"
    if run.status == "failed":
        return Finding("warn", f"{what} failed: {run.error}", "see: tallyman sync status")
    if run.status == "complete" or run.busy or run.still < STUCK:
        return None
    still = f"{what} stands still since {run.still / 3600:.0f} h: {run.error or 'it was killed'}"
    again = _AGAIN.get(run.kind, "sync run")
    return Finding("warn", still, f"go on with it: tallyman {again} {run.service}")
