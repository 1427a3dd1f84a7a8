"""What runs when: the only file that knows the clock. What is not configured is not in it.

What is half configured is not either; `tallyman doctor` says so. An interval of 0 is never due.
"""

from collections.abc import Iterator
from os import getpid
from socket import gethostname
from typing import Any, NamedTuple

from integrations import INTEGRATIONS
from integrations.oauth.providers import usable
from integrations.sources import SYNCS
from integrations.targets import TARGETS
from settings import Settings, settings
from settings.services import OAuth, Syncs

HOUR = 3600.0
LOOK = 300.0
"""Seconds between two looks whether a sync has something to do yet that is due less often.

Each begins a run once in its own interval. What was busy then, or killed between two of its runs,
is not put off until the next.
"""
_TICKS = 4
"""So many intervals a message of theirs waits for a thread: they share those of all services."""


class Entry(NamedTuple):
    """A task, and every how many seconds it is due; its message is worth nothing after `lasts`.

    That is until the next one, unless it says otherwise. `service` is whose pause stops it.
    """

    task: str
    seconds: float
    service: str | None = None
    lasts: float | None = None

    @property
    def good_for(self) -> float:
        """Return for how many seconds its message is worth something."""
        return self.seconds if self.lasts is None else self.lasts


def schedule(given: Settings) -> dict[str, Entry]:
    """Return what is due with these settings, by name."""
    found = {
        "runs": Entry("upkeep.runs", 60.0),
        "old_runs": Entry("upkeep.old_runs", LOOK),
        "watch": Entry("upkeep.watch", 30.0),
        "history": Entry("upkeep.history", 60.0),
        "canary": Entry("upkeep.canary", 5.0),
    }
    if given.r2.pulls:
        # Cloudflare allows a token 1200 calls in five minutes, whatever they are for
        found["r2.queue"] = Entry("r2.sync.queue", 5.0)
    days = given.retention.events_retention_days
    if days and given.r2.archives:
        found["archive"] = Entry("r2.sync.archive", 300.0)
    elif days and not given.r2.r2_archive:  # else they would be lost that are to be archived
        found["retention"] = Entry("upkeep.retire", 300.0)
    for name, seconds in _syncs(given.syncs):
        service, _, _ = name.partition(".")
        if seconds:
            found[name] = Entry(name.replace(".", ".sync.", 1), min(seconds, LOOK), service)
    return found | _renewals(given.oauth)


def _renewals(given: OAuth) -> dict[str, Entry]:
    """Return what renews tokens; without a key for them there are none."""
    if not (given.oauth_refresh_seconds and given.encryption_keys):
        return {}
    every = given.oauth_refresh_seconds
    return {
        f"{name}.oauth": Entry(f"{name}.oauth.refresh", every, name, lasts=_TICKS * every)
        for name, provider in usable().items()
        if provider.on()
    }


def _syncs(given: Syncs) -> Iterator[tuple[str, float]]:
    """Yield the syncs of what is set up, and every how many seconds."""
    for service in INTEGRATIONS:
        # what a service sends has a shape, even where it cannot be asked
        if settings().endpoints.get(service):
            yield f"{service}.contract", given.sync_contract_seconds
    for sync in SYNCS.values():
        if sync.on():
            events = sync.log is not None
            yield f"{sync.name}.events", given.sync_events_seconds if events else 0
            yield f"{sync.name}.objects", 0 if events else given.sync_objects_seconds
            yield f"{sync.name}.refetch", given.sync_refetch_seconds
            yield f"{sync.name}.reconcile", given.reconcile_hours * HOUR
    if TARGETS["loops"].on():
        yield "loops.outward", given.outward_hours * HOUR


SCHEDULE = schedule(settings())
# what the workers themselves have sent as well: a dead beat is not to silence the alerts, nor to
# keep waiting what people asked for
WITHOUT_BEAT = {name: SCHEDULE[name] for name in ("watch", "history", "canary")}
# Beat only ticks: what is due is for the database to say, so that two beats are as good as one, and
# one that starts again forgets nothing. Every worker's main process ticks the upkeep too, so a dead
# beat stops the syncs alone.
# Each says which one it is: two are one too many.
BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "upkeep": {
        "task": "upkeep.beat",
        "schedule": 5.0,
        "args": [f"{gethostname()}:{getpid()}"],
        "options": {"expires": 10},
    }
}
