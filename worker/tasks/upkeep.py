"""Upkeep's tasks. All are harmless if two run at once."""

from integrations import INTEGRATIONS
from integrations.targets import TARGETS
from worker import archive, upkeep
from worker.celery import app


@app.task(name="upkeep.tick", send_events=False)  # one a second would fill Flower
def tick() -> str:
    """Ring wherever there is work and no bell."""
    return upkeep.tick(INTEGRATIONS, TARGETS.values())


@app.task(name="upkeep.beat", send_events=False)
def beat() -> str:
    """Leave beat's mark, and tick."""
    upkeep.mark_beat()
    return upkeep.tick(INTEGRATIONS, TARGETS.values())


@app.task(name="upkeep.retire")
def retire() -> str:
    """Empty the bodies of old events, where no archive takes them."""
    return archive.run("upkeep.retire", INTEGRATIONS)
