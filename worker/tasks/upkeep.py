"""Upkeep's tasks. All are harmless if two run at once."""

from integrations import INTEGRATIONS
from integrations.targets import TARGETS
from worker import archive, due, upkeep
from worker.celery import app
from worker.schedule import SCHEDULE
from worker.syncs import past_drift, past_runs


@app.task(name="upkeep.tick", send_events=False)  # one a second would fill Flower
def tick() -> str:
    """Ring wherever there is work and no bell."""
    return upkeep.tick(INTEGRATIONS, TARGETS.values())


@app.task(name="upkeep.beat", send_events=False)
def beat() -> str:
    """Leave beat's mark, tick, and send what is due."""
    upkeep.mark_beat()
    rung = upkeep.tick(INTEGRATIONS, TARGETS.values())
    return " ".join([rung, *due.tick(SCHEDULE)])


@app.task(name="upkeep.runs")
def runs() -> str:
    """Have the runs of syncs go on that stand still."""
    return upkeep.runs(SCHEDULE)


@app.task(name="upkeep.retire")
def retire() -> str:
    """Empty the bodies of old events, where no archive takes them."""
    return archive.run("upkeep.retire", INTEGRATIONS)


@app.task(name="upkeep.old_runs")
def old_runs() -> str:
    """Delete what runs of syncs left long ago."""
    return f"drift={past_drift.forget()} runs={past_runs.forget()}"
