"""PostHog's tasks: their names, queues and retry policy."""

from integrations import INTEGRATIONS
from integrations.sources import SYNCS
from integrations.targets import TARGETS
from worker import attempts, dead_letters, reconcile, reconcile_asked
from worker.celery import app
from worker.contracts import contract
from worker.deliver import deliver
from worker.drain import drain
from worker.retry import policy
from worker.syncs import in_turn, listing, refetch

POLICY = policy()
SYNC = SYNCS["posthog"]


@app.task(name="posthog.drain")
def posthog_drain() -> str:
    """Apply what waits in the inbox."""
    return drain(INTEGRATIONS["posthog"], POLICY)


@app.task(name="posthog.retry")
def posthog_retry() -> str:
    """Attempt what failed before and is due."""
    return attempts.retry(INTEGRATIONS["posthog"], POLICY)


@app.task(name="posthog.redrive")
def posthog_redrive(event_id: str) -> str:
    """Take one event out of the dead letters."""
    return dead_letters.redrive_one("posthog", event_id)


@app.task(name="posthog.deliver")
def posthog_deliver() -> str:
    """Perform the effects that are due."""
    return deliver(TARGETS["posthog"], POLICY)


@app.task(name="posthog.sync.objects")
def posthog_sync_objects() -> str:
    """Take from PostHog's listings what changed since the last time."""
    return listing.catch_up(SYNC)


@app.task(name="posthog.sync.refetch")
def posthog_sync_refetch() -> str:
    """Ask for what the clock could not settle, and for what is known by its id alone."""
    return refetch.refetch(SYNC)


@app.task(name="posthog.sync.reconcile")
def posthog_sync_reconcile() -> str:
    """Hold all that PostHog has against the rows."""
    return reconcile.scheduled(SYNC)


@app.task(name="posthog.sync.asked")
def posthog_sync_asked() -> str:
    """Reconcile, as somebody asked for it."""
    return reconcile_asked.carry_on(SYNC)


@app.task(name="posthog.sync.backfill")
def posthog_sync_backfill() -> str:
    """Copy all that PostHog lists, from the beginning."""
    return in_turn.shown(listing.backfill(SYNC, task="posthog.sync.backfill"))


@app.task(name="posthog.sync.contract")
def posthog_sync_contract() -> str:
    """Look whether the shape of what is told has changed."""
    return contract.learn("posthog")
