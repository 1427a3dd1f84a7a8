"""GitHub's tasks: their names, queues and retry policy."""

from integrations import INTEGRATIONS
from worker import attempts, dead_letters
from worker.celery import app
from worker.drain import drain
from worker.retry import policy

POLICY = policy()


@app.task(name="github.drain")
def github_drain() -> str:
    """Apply what waits in the inbox."""
    return drain(INTEGRATIONS["github"], POLICY)


@app.task(name="github.retry")
def github_retry() -> str:
    """Attempt what failed before and is due."""
    return attempts.retry(INTEGRATIONS["github"], POLICY)


@app.task(name="github.redrive")
def github_redrive(event_id: str) -> str:
    """Take one event out of the dead letters."""
    return dead_letters.redrive_one("github", event_id)
