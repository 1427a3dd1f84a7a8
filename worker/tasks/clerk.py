"""Clerk's tasks: their names, queues and retry policy."""

from integrations.clerk import CLERK
from integrations.sources import SYNCS
from worker import attempts, dead_letters, reconcile, reconcile_asked
from worker.celery import app
from worker.contracts import contract
from worker.drain import drain
from worker.retry import policy
from worker.syncs import in_turn, listing, refetch

POLICY = policy()
SYNC = SYNCS["clerk"]


@app.task(name="clerk.drain")
def clerk_drain() -> str:
    """Apply what waits in the inbox."""
    return drain(CLERK, POLICY)


@app.task(name="clerk.retry")
def clerk_retry() -> str:
    """Attempt what failed before and is due."""
    return attempts.retry(CLERK, POLICY)


@app.task(name="clerk.redrive")
def clerk_redrive(event_id: str) -> str:
    """Take one event out of the dead letters."""
    return dead_letters.redrive_one(CLERK.name, event_id)


@app.task(name="clerk.sync.objects")
def clerk_sync_objects() -> str:
    """Take from Clerk's listings what changed since the last time."""
    return listing.catch_up(SYNC)


@app.task(name="clerk.sync.refetch")
def clerk_sync_refetch() -> str:
    """Ask for what the clock could not settle, and for what is known by its id alone."""
    return refetch.refetch(SYNC)


@app.task(name="clerk.sync.reconcile")
def clerk_sync_reconcile() -> str:
    """Hold all that Clerk has against the rows."""
    return reconcile.scheduled(SYNC)


@app.task(name="clerk.sync.asked")
def clerk_sync_asked() -> str:
    """Reconcile, as somebody asked for it."""
    return reconcile_asked.carry_on(SYNC)


@app.task(name="clerk.sync.backfill")
def clerk_sync_backfill() -> str:
    """Copy all that Clerk lists, from the beginning."""
    return in_turn.shown(listing.backfill(SYNC, task="clerk.sync.backfill"))


@app.task(name="clerk.sync.contract")
def clerk_sync_contract() -> str:
    """Look whether the shape of what is told has changed."""
    return contract.learn("clerk")
