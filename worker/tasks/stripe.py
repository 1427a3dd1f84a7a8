"""Stripe's tasks: their names, queues and retry policy."""

from integrations.stripe import STRIPE
from worker import attempts, dead_letters
from worker.celery import app
from worker.drain import drain
from worker.retry import policy

POLICY = policy()


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
