"""Upkeep's tasks. Both are cheap, and harmless if two run at once."""

from integrations import INTEGRATIONS
from worker import upkeep
from worker.celery import app


@app.task(name="upkeep.tick", send_events=False)  # one a second would fill Flower
def tick() -> str:
    """Ring wherever there is work and no bell."""
    return upkeep.tick(INTEGRATIONS)


@app.task(name="upkeep.beat", send_events=False)
def beat() -> str:
    """Leave beat's mark, and tick."""
    upkeep.mark_beat()
    return upkeep.tick(INTEGRATIONS)
