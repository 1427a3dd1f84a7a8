"""Have Loops know every user that it should: it lists no contacts, so each user is asked for.

Where a contact is missing or differs, the very effect is added that the user's own event would
have had; so it is performed once, as the user is then, and subscribes nobody again.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.models.effects import EffectRecord
from db.models.syncs import Drift
from db.session import transaction
from integrations.errors import Deferred, Transient, Unreadable
from integrations.interface import WEBHOOK, Event, Snapshot
from integrations.targets import TARGETS
from settings import settings
from telemetry import describe, log
from worker import outbox, rows, sync
from worker.arrays import array
from worker.ledger import sql
from worker.sync import Counts, Outcome, Progress, Run, Step
from worker.syncs import contacts
from worker.syncs.contacts import SERVICE

NAME, TASK = "outward", "loops.sync.outward"
BATCH, SECONDS = 20, 2.0
"""Users of a step, and for how long they are asked for: two seconds at Loops' ten a second."""
_EFFECTS = EffectRecord.__table__.fullname  # type: ignore[attr-defined]  # as in worker/outbox.py
_log = log(__name__)


def outward() -> str:
    """Ask for the users where that has not been done in this slot; return how it went."""
    if not TARGETS[SERVICE].on():
        return "off"
    return str(run(task=TASK, every=settings().syncs.outward_hours * 3600))


def run(
    *,
    plan: bool = False,
    task: str | None = None,
    seconds: float | None = None,
    every: float | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Ask Loops for our users; a `plan` only enters the drift. Otherwise as worker.sync.run."""
    return sync.run(
        SERVICE,
        NAME,
        "outward",
        _ask,
        task=task,
        plan=plan,
        seconds=seconds,
        every=every,
        progress=progress,
    )


def _ask(run: Run) -> Step:
    """Look at the next users, by id. What comes in between ends the step, not what it has seen."""
    with transaction() as session:
        ids, wanted = contacts.page(session, run.cursor or "", BATCH)
    asked, looked = 0, list[contacts.Looked]()
    for one in _in_time(wanted):
        try:
            looked.append(contacts.look(one))
        except Unreadable as error:
            _log.warning("outward.unread", id=one.user_id, error=describe(error))
        except (Deferred, Transient):
            if not asked:
                raise
            break
        asked += 1
    write = partial(_write, run, looked, asked - len(looked))
    if asked < len(wanted):
        return Step(write=write, cursor=wanted[asked - 1].user_id, over=False)
    return Step(write=write, cursor=ids[-1] if ids else run.cursor, over=len(ids) < BATCH)


def _in_time(wanted: Iterable[contacts.Wanted]) -> Iterator[contacts.Wanted]:
    """Yield the first, and others as long as there is time: the step is to fit into a slice."""
    end = time.monotonic() + SECONDS
    for number, one in enumerate(wanted):
        if number and time.monotonic() >= end:
            return
        yield one


def _write(run: Run, looked: Sequence[contacts.Looked], failed: int, session: Session) -> Counts:
    """Enter the drift, write the contacts as they are there, and add what is to be done."""
    drifted = [one for one in looked if one.differences]
    known = _unsettled(session, [one.wanted.effect.entity for one in drifted])
    _enter(session, run, drifted, known)
    asked = [one for one in drifted if not known.get(one.wanted.effect.entity, _NOTHING).enough]
    if not run.plan:
        rows.upsert(session, [(one.snapshot, one.parts) for one in looked if one.snapshot])
        outbox.add(session, [(_cause(run), one.wanted.effect) for one in asked])
    return Counts(
        there=sum(one.snapshot is not None for one in looked),
        here=len(looked) - len(drifted),
        applied=0 if run.plan else len(asked),
        failed=failed,
    )


def _cause(run: Run) -> Event:
    """Return what the effects follow from: their keys are of the run, so one asks only once."""
    none = Snapshot("", {}, 1, NAME)
    return Event(SERVICE, f"{NAME}:{run.id}", NAME, run.started_at, none, {})


# each half has a partial index that answers
_UNSETTLED = f"""
    SELECT entity, 'waiting event' AS cause, true AS enough FROM {_EFFECTS}
    WHERE target = '{SERVICE}' AND action = 'contact' AND status = 'waiting'
        AND entity IS NOT NULL AND entity = ANY(CAST(:ids AS text[]))
    UNION
    SELECT entity, 'dead letter', coalesce(event_id LIKE '{NAME}:%', false) FROM {_EFFECTS}
    WHERE target = '{SERVICE}' AND action = 'contact' AND status IN ('dead', 'held')
        AND entity = ANY(CAST(:ids AS text[]))
    ORDER BY cause, enough
"""  # noqa: S608  our own table


class _Unsettled(NamedTuple):
    """What is known of an effect that is not done; is it `enough`, or is another to be added?

    Of one that waits it is, and where the very one that a run had added was in vain: there would be
    one more dead letter every time.
    """

    cause: str | None
    enough: bool


_NOTHING = _Unsettled(None, enough=False)


def _unsettled(session: Session, ids: Iterable[str | None]) -> dict[str | None, _Unsettled]:
    """Return by entity the effect for it that waits (still, or again) or is dead."""
    found = session.execute(sql(_UNSETTLED), {"ids": array(ids)})
    return {row.entity: _Unsettled(row.cause, row.enough) for row in found}


def _enter(
    session: Session,
    run: Run,
    drifted: Sequence[contacts.Looked],
    known: dict[str | None, _Unsettled],
) -> None:
    entries: list[dict[str, Any]] = [
        {
            "run_id": run.id,
            "service": SERVICE,
            "table_name": difference.table,
            "row_id": difference.id,
            "field": difference.field,
            "here": difference.here,
            "there": difference.there,
            "cause": known.get(one.wanted.effect.entity, _NOTHING).cause or _likely(one),
        }
        for one in drifted
        for difference in one.differences
    ]
    if entries:
        session.execute(insert(Drift), entries)


def _likely(one: contacts.Looked) -> str:
    """Return the cause where no effect is unsettled: of what was listed there was none ever."""
    if one.snapshot is None and one.wanted.source != WEBHOOK:
        return "created before us"
    return "changed there without an event"
