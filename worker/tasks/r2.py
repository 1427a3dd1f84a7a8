"""R2's tasks: their names, queues and retry policy."""

from integrations import INTEGRATIONS
from integrations.r2 import R2
from integrations.r2.effects import TARGET
from integrations.sources import SYNCS
from worker import archive, attempts, dead_letters, pulls, reconcile, reconcile_asked
from worker.celery import app
from worker.contracts import contract
from worker.deliver import deliver
from worker.drain import drain
from worker.retry import policy
from worker.syncs import in_turn, listing, refetch

POLICY = policy()
SYNC = SYNCS["r2"]


@app.task(name="r2.drain")
def r2_drain() -> str:
    """Apply what waits in the inbox."""
    return drain(R2, POLICY)


@app.task(name="r2.retry")
def r2_retry() -> str:
    """Attempt what failed before and is due."""
    return attempts.retry(R2, POLICY)


@app.task(name="r2.redrive")
def r2_redrive(event_id: str) -> str:
    """Take one event out of the dead letters."""
    return dead_letters.redrive_one(R2.name, event_id)


@app.task(name="r2.deliver")
def r2_deliver() -> str:
    """Perform the effects that are due."""
    return deliver(TARGET, POLICY)


@app.task(name="r2.sync.queue")
def r2_sync_queue() -> str:
    """Pull the notifications that wait in the Cloudflare Queue."""
    return pulls.pull(R2)


@app.task(name="r2.sync.archive")
def r2_sync_archive() -> str:
    """Archive the bodies of old events, of all services."""
    return archive.run("r2.sync.archive", INTEGRATIONS)


@app.task(name="r2.sync.objects")
def r2_sync_objects() -> str:
    """Take from R2's listings what changed since the last time."""
    return listing.catch_up(SYNC)


@app.task(name="r2.sync.refetch")
def r2_sync_refetch() -> str:
    """Ask for what the clock could not settle, and for what is known by its id alone."""
    return refetch.refetch(SYNC)


@app.task(name="r2.sync.reconcile")
def r2_sync_reconcile() -> str:
    """Hold all that R2 has against the rows."""
    return reconcile.scheduled(SYNC)


@app.task(name="r2.sync.asked")
def r2_sync_asked() -> str:
    """Reconcile, as somebody asked for it."""
    return reconcile_asked.carry_on(SYNC)


@app.task(name="r2.sync.backfill")
def r2_sync_backfill() -> str:
    """Copy all that R2 lists, from the beginning."""
    return in_turn.shown(listing.backfill(SYNC, task="r2.sync.backfill"))


@app.task(name="r2.sync.contract")
def r2_sync_contract() -> str:
    """Look whether the shape of what is told has changed."""
    return contract.learn("r2")
