"""PostHog's tasks: their names, queues and retry policy."""

from integrations import INTEGRATIONS
from integrations.targets import TARGETS
from worker import attempts, dead_letters
from worker.celery import app
from worker.deliver import deliver
from worker.drain import drain
from worker.retry import policy

POLICY = policy()


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
