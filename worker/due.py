"""Have run what is due, once for each time that it comes due, however many tick.

A slot is how many of an entry's intervals fit between 1970 and now, by the database's clock. Who
writes the row of a slot first sends its task; so what was missed while nobody ticked runs once.
"""

from collections.abc import Mapping

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from db.models.syncs import ScheduleSlot
from db.session import transaction
from settings import settings
from telemetry import describe, log, monitors
from worker import bell, inbox
from worker.arrays import array
from worker.ledger import sql
from worker.schedule import Entry

TABLE = ScheduleSlot.__table__.fullname  # type: ignore[attr-defined]  # as in worker/ledger.py
KEPT = 100  # slots of each entry, to look at
_WATCHED = 60  # seconds: what comes more often no monitor can watch, and beat's own does
_log = log(__name__)

_DUE = f"""
    SELECT name, floor(extract(epoch FROM now()) / seconds)::bigint AS slot
    FROM unnest(CAST(:names AS text[]), CAST(:seconds AS float8[])) AS entry(name, seconds)
    WHERE NOT EXISTS (SELECT FROM {TABLE} WHERE schedule = name
        AND slot = floor(extract(epoch FROM now()) / seconds)::bigint)
"""  # noqa: S608  our own table

_TAKE = f"""
    INSERT INTO {TABLE} (schedule, slot) VALUES (:name, :slot) ON CONFLICT DO NOTHING
    RETURNING slot
"""  # noqa: S608  our own table

_FORGET = f"DELETE FROM {TABLE} WHERE schedule = :name AND slot <= :slot - :kept"  # noqa: S608


def tick(schedule: Mapping[str, Entry]) -> list[str]:
    """Send the tasks of the entries that are due and that nobody has sent; return their names.

    Those of a paused service wait. Where a store is away, that is logged: the next tick is soon.
    """
    sent = []
    try:
        paused = inbox.paused()
        awake = {name: entry for name, entry in schedule.items() if entry.service not in paused}
        for name, slot in _due(awake):
            if _send(name, slot, awake[name]):
                sent.append(name)
    except (SQLAlchemyError, RedisError, OperationalError) as error:
        _log.warning("schedule.failed", error=describe(error))
    return sent


def _due(schedule: Mapping[str, Entry]) -> list[tuple[str, int]]:
    seconds = array(entry.seconds for entry in schedule.values())
    with transaction() as session:
        keys = {"names": array(schedule), "seconds": seconds}
        return [(row.name, row.slot) for row in session.execute(sql(_DUE), keys)]


def _send(name: str, slot: int, entry: Entry) -> bool:
    """Take the slot and send its task; return whether it was ours.

    Before the commit: a slot whose task was not sent is nobody's. A second task would do no harm.
    """
    keys = {"name": name, "slot": slot, "kept": KEPT}
    with transaction() as session:
        if session.execute(sql(_TAKE), keys).first() is None:
            return False
        session.execute(sql(_FORGET), keys)
        bell.send(entry.task, expires=entry.good_for)
    if settings().telemetry.sentry_monitors == "all" and entry.seconds >= _WATCHED:
        monitors.ran(name, entry.seconds)
    return True
