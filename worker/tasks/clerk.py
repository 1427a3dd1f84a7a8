"""Clerk's tasks: their names, queues and retry policy."""

from integrations.clerk import CLERK
from worker import attempts, dead_letters
from worker.celery import app
from worker.drain import drain
from worker.retry import policy

POLICY = policy()


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
