"""The tasks of the team's own application, which is a target only."""

from integrations.targets import TARGETS
from worker.celery import app
from worker.deliver import deliver
from worker.retry import policy

POLICY = policy()


@app.task(name="app.deliver")
def app_deliver() -> str:
    """Perform the effects that are due."""
    return deliver(TARGETS["app"], POLICY)
