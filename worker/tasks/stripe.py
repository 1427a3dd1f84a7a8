"""Stripe's tasks: their names, queues and retry policy."""

from integrations.sources import SYNCS
from integrations.stripe import STRIPE
from worker import attempts, dead_letters, reconcile, reconcile_asked
from worker.celery import app
from worker.contracts import contract
from worker.drain import drain
from worker.retry import policy
from worker.syncs import catch_up, in_turn, listing, refetch

POLICY = policy()
SYNC = SYNCS["stripe"]


@app.task(name="stripe.drain")
def stripe_drain() -> str:
    """Apply what waits in the inbox."""
    return drain(STRIPE, POLICY)


@app.task(name="stripe.retry")
def stripe_retry() -> str:
    """Attempt what failed before and is due."""
    return attempts.retry(STRIPE, POLICY)


@app.task(name="stripe.redrive")
def stripe_redrive(event_id: str) -> str:
    """Take one event out of the dead letters."""
    return dead_letters.redrive_one(STRIPE.name, event_id)


@app.task(name="stripe.sync.events")
def stripe_sync_events() -> str:
    """Take from Stripe's own log what the ledger lacks."""
    return catch_up.events(SYNC)


@app.task(name="stripe.sync.refetch")
def stripe_sync_refetch() -> str:
    """Ask for what the clock could not settle, and for what is known by its id alone."""
    return refetch.refetch(SYNC)


@app.task(name="stripe.sync.reconcile")
def stripe_sync_reconcile() -> str:
    """Hold all that Stripe has against the rows."""
    return reconcile.scheduled(SYNC)


@app.task(name="stripe.sync.asked")
def stripe_sync_asked() -> str:
    """Reconcile, as somebody asked for it."""
    return reconcile_asked.carry_on(SYNC)


@app.task(name="stripe.sync.backfill")
def stripe_sync_backfill() -> str:
    """Copy all that Stripe lists, from the beginning."""
    return in_turn.shown(listing.backfill(SYNC, task="stripe.sync.backfill"))


@app.task(name="stripe.sync.contract")
def stripe_sync_contract() -> str:
    """Look whether the shape of what is told has changed."""
    return contract.learn("stripe")
