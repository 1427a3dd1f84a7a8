"""Run a sync for one type of object after the other, in the order of the service's collections."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from db.session import transaction
from integrations.syncs import Collection, Sync
from settings import settings
from worker import bell, sync
from worker.ledger import sql
from worker.sync import Outcome, Step
from worker.syncs.runs import RUNS, Counts, Run

BACKFILL = "backfill"
Ask = Callable[[Collection, Run], Step]
Told = Callable[[str, Step, Counts], None]
"""Is told of each step that was committed, with the type of object."""


def each(
    service: Sync,
    collections: Sequence[Collection],
    kind: str,
    ask: Ask,
    *,
    account: str = "",
    plan: bool = False,
    task: str | None = None,
    seconds: float | None = None,
    every: float | None = None,
    progress: Told | None = None,
) -> dict[str, Outcome]:
    """Run one type after the other, as worker.sync.run does, until one is not over in `seconds`.

    Return how they ended. One that failed does not keep the next from its turn; one that was
    stopped does: the service is away, or wants to be left alone.
    """
    limit = settings().inbox.time_slice_seconds if seconds is None else seconds
    end = time.monotonic() + limit
    run = partial(sync.run, task=task, account=account, plan=plan, every=every)
    outcomes: dict[str, Outcome] = {}
    for collection in collections:
        name = collection.object_type
        if outcomes and time.monotonic() >= end:
            outcomes[name] = Outcome("running")
            if task:
                bell.ring(task)
            break
        outcomes[name] = run(
            service.name,
            name,
            kind,
            partial(ask, collection),
            seconds=max(0.0, end - time.monotonic()),
            progress=partial(progress, name) if progress else None,
        )
        if not over(outcomes):
            break
    return outcomes


def over(outcomes: Mapping[str, Outcome]) -> bool:
    """Return whether all of them have ended, be it as failed, and others may have their turn."""
    return {outcome.status for outcome in outcomes.values()} <= {"complete", "failed", "not now"}


def shown(outcomes: Mapping[str, Outcome]) -> str:
    """Return how it went, as Flower shows it: `user=complete organization=stopped: ...`."""
    return " ".join(f"{name}={outcome}" for name, outcome in outcomes.items()) or "nothing to do"


def until(state: Mapping[str, Any]) -> datetime | None:
    """Return the service's time at which the listing began: what changed before is in it."""
    begun = state.get("begun")
    return datetime.fromtimestamp(begun / 1000, UTC) if begun else None


_LATEST = f"""
    SELECT DISTINCT ON (name) name, id, status FROM {RUNS}
    WHERE service = :service AND kind = '{BACKFILL}' AND account = :account
    ORDER BY name, id DESC
"""  # noqa: S608  our own table


def completed(service: str, account: str, names: Sequence[str], *, failed_too: bool) -> int:
    """Return how many types an unfinished backfill has completed; 0 where none is unfinished.

    With `failed_too` how many have ended.

    Types come in one order, so their last runs are in that order as long as one backfill made them.
    """
    with transaction() as session:
        found = session.execute(sql(_LATEST), {"service": service, "account": account})
        latest = {run.name: run for run in found}
    ended = {"complete", "failed"} if failed_too else {"complete"}
    before = 0
    for done, name in enumerate(names):
        run = latest.get(name)
        if run is None or run.status not in ended or run.id < before:
            return done
        before = run.id
    return 0
