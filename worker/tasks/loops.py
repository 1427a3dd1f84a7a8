"""Loops's tasks: their names, queues and retry policy."""

from integrations import INTEGRATIONS
from integrations.targets import TARGETS
from worker import attempts, dead_letters
from worker.celery import app
from worker.contracts import contract
from worker.deliver import deliver
from worker.drain import drain
from worker.retry import policy
from worker.syncs import outward

POLICY = policy()


@app.task(name="loops.drain")
def loops_drain() -> str:
    """Apply what waits in the inbox."""
    return drain(INTEGRATIONS["loops"], POLICY)


@app.task(name="loops.retry")
def loops_retry() -> str:
    """Attempt what failed before and is due."""
    return attempts.retry(INTEGRATIONS["loops"], POLICY)


@app.task(name="loops.redrive")
def loops_redrive(event_id: str) -> str:
    """Take one event out of the dead letters."""
    return dead_letters.redrive_one("loops", event_id)


@app.task(name="loops.deliver")
def loops_deliver() -> str:
    """Perform the effects that are due."""
    return deliver(TARGETS["loops"], POLICY)


@app.task(name="loops.sync.outward")
def loops_sync_outward() -> str:
    """Have Loops told of those whom it lacks."""
    return outward.outward()


@app.task(name="loops.sync.contract")
def loops_sync_contract() -> str:
    """Look whether the shape of what is told has changed."""
    return contract.learn("loops")
