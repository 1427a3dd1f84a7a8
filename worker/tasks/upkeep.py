"""Upkeep's tasks. All are harmless if two run at once."""

from integrations import INTEGRATIONS
from integrations.targets import TARGETS
from settings import settings
from worker import archive, canary, due, redrives, upkeep
from worker.alerts import look
from worker.celery import app
from worker.schedule import SCHEDULE, WITHOUT_BEAT
from worker.signals import quarters
from worker.syncs import past_drift, past_runs


@app.task(name="upkeep.tick", send_events=False)  # one a second would fill Flower
def tick() -> str:
    """Ring wherever there is work and no bell, and send what does not wait for beat."""
    rung = upkeep.tick(INTEGRATIONS, TARGETS.values())
    return " ".join([rung, *due.tick(WITHOUT_BEAT)])


@app.task(name="upkeep.beat", send_events=False)
def beat(name: str = "beat") -> str:
    """Leave the mark of the beat of that name, tick, and send what is due."""
    upkeep.mark_beat(name)
    rung = upkeep.tick(INTEGRATIONS, TARGETS.values())
    return " ".join([rung, *due.tick(SCHEDULE)])


@app.task(name="upkeep.runs")
def runs() -> str:
    """Have the runs of syncs go on that stand still."""
    return upkeep.runs(SCHEDULE)


@app.task(name="upkeep.watch")
def watch() -> str:
    """See how each service stands, and have those told who are to know."""
    return look.look()


@app.task(name="upkeep.history")
def history() -> str:
    """Count what came in, by type and quarter of an hour, for what is usual."""
    counted = quarters.count(INTEGRATIONS, settings().inbox.time_slice_seconds)
    return f"days={counted} forgotten={quarters.forget()}"


@app.task(name="upkeep.retire")
def retire() -> str:
    """Empty the bodies of old events, where no archive takes them."""
    return archive.run("upkeep.retire", INTEGRATIONS)


@app.task(name="upkeep.old_runs")
def old_runs() -> str:
    """Delete what runs of syncs left long ago."""
    gone = f"drift={past_drift.forget()} runs={past_runs.forget()}"
    return f"{gone} redrives={redrives.forget()}"


@app.task(name="upkeep.canary")
def advance_redrives() -> str:
    """Take redrives in steps a bit further."""
    return canary.advance()
