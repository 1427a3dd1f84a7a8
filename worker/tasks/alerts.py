"""The tasks of alerts that wait on others, or stand in for upkeep's."""

from worker.alerts import look
from worker.alerts.tell import tell as told
from worker.celery import app


@app.task(name="alerts.tell")
def tell() -> str:
    """Bring every channel up to date."""
    return told()


@app.task(name="alerts.watch")
def watch() -> str:
    """See how each service stands, if whoever looks after upkeep does not."""
    return look.if_late()
