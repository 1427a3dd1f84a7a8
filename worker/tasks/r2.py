"""R2's tasks: their names, queues and retry policy."""

from integrations import INTEGRATIONS
from integrations.r2 import R2
from integrations.r2.effects import TARGET
from worker import archive, attempts, dead_letters, pulls
from worker.celery import app
from worker.deliver import deliver
from worker.drain import drain
from worker.retry import policy

POLICY = policy()


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
