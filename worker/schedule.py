"""What runs when: the only file that knows the clock. What is not configured is not in it.

What is half configured is not either; `tallyman doctor` says so.
"""

from typing import Any

from settings import Settings, settings

Entry = dict[str, Any]


def _entry(task: str, seconds: float, queue: str) -> Entry:
    """Return an entry whose message is worth nothing once the next one is due."""
    options = {"queue": queue, "expires": seconds}
    return {"task": task, "schedule": seconds, "options": options}


def schedule(given: Settings) -> dict[str, Entry]:
    """Return what these settings ask for."""
    found: dict[str, Entry] = {
        # Every worker's main process ticks the upkeep too, so a dead beat stops none of it; this
        # entry also leaves the mark by which a dead beat is noticed.
        "upkeep": {"task": "upkeep.beat", "schedule": 5.0, "options": {"expires": 10}},
    }
    if given.r2.pulls:
        # Cloudflare allows a token 1200 calls in five minutes, whatever they are for
        found["r2.queue"] = _entry("r2.sync.queue", 5.0, "r2.work")
    days = given.retention.events_retention_days
    if days and given.r2.archives:
        found["archive"] = _entry("r2.sync.archive", 300.0, "r2.work")
    elif days and not given.r2.r2_archive:  # else they would be lost that are to be archived
        found["retention"] = _entry("upkeep.retire", 300.0, "upkeep")
    return found


SCHEDULE = schedule(settings())
