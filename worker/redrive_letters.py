"""The letters of redrives in steps: listed once, looked at, sent, and asked what became of them.

Whoever calls has locked the redrive's row, so nobody else writes them.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from db.models.redrives import BLOCKING
from settings import settings
from worker import dead_letters, effects
from worker.arrays import array
from worker.causes import EFFECTS
from worker.ledger import TABLE as EVENTS
from worker.ledger import sql
from worker.redrives import LETTERS
from worker.superseded import Looked, look

_OUTCOMES = """
    UPDATE {letters} AS letter SET status = CASE
        WHEN kept.status IS NULL OR kept.status IN ({mended}) THEN 'mended'
        WHEN kept.status IN ('dead', 'held') THEN 'died'
        WHEN letter.sent_at <= now() - make_interval(secs => :patience) AND kept.attempts > 0
            AND (kept.lease_token IS NULL OR kept.attempts > 1) THEN 'failing'
        ELSE letter.status END
    FROM {letters} AS mine LEFT JOIN {table} AS kept ON {same}
    WHERE letter.redrive_id = :id AND letter.status IN ('sent', 'failing')
        AND mine.redrive_id = letter.redrive_id AND mine.position = letter.position
"""
# one that was entered unread takes its own id when it is read: it is not there by the old one
_OF_EVENTS = _OUTCOMES.format(
    letters=LETTERS,
    table=EVENTS,
    mended="'handled', 'ignored', 'discarded'",
    same="kept.service = :service AND kept.event_id = mine.letter",
)
_OF_EFFECTS = _OUTCOMES.format(
    letters=LETTERS,
    table=EFFECTS,
    mended="'sent', 'merged', 'discarded'",
    same="kept.target = :service AND kept.id = CAST(mine.letter AS bigint)",
)


def ask(session: Session, run: Any) -> None:
    """Ask what became of those that were sent, and of those that failed so far.

    What is tried in vain for longer than a redrive's patience is failing; it may be mended yet.
    """
    patience = settings().canary.canary_patience_seconds
    keys = {"id": run.id, "service": run.service, "patience": patience}
    session.execute(sql(_OF_EVENTS if run.kind == "event" else _OF_EFFECTS), keys)


_COUNTS = f"""
    SELECT status, count(*) AS count, count(*) FILTER (WHERE step = :step) AS of_step
    FROM {LETTERS} WHERE redrive_id = :id GROUP BY status
"""  # noqa: S608  our own table


def counts(session: Session, run: Any) -> Sequence[Any]:
    """Return (status, count, how many of these the redrive's present step sent)."""
    return session.execute(sql(_COUNTS), {"id": run.id, "step": run.step}).all()


_UNKNOWN = f"""
    SELECT one.position, letter AS event_id, kept.status, endpoint, body, headers, received_at
    FROM {LETTERS} AS one LEFT JOIN {EVENTS} AS kept
        ON kept.service = :service AND kept.event_id = letter
    WHERE redrive_id = :id AND one.status = 'waiting' AND one.entity IS NULL
    ORDER BY position LIMIT :count
"""  # noqa: S608  our own tables

_MARK = f"""
    UPDATE {LETTERS} AS one SET entity = coalesce(looked.entity, one.entity),
        status = looked.status, step = looked.step,
        sent_at = CASE WHEN looked.status = 'sent' THEN now() END
    FROM unnest(CAST(:positions AS bigint[]), CAST(:statuses AS text[]),
        CAST(:entities AS text[]), CAST(:steps AS smallint[]))
        AS looked(position, status, entity, step)
    WHERE redrive_id = :id AND one.position = looked.position
"""  # noqa: S608  our own table


def look_at_next(session: Session, run: Any, count: int) -> int:
    """Look at the next so many events: what about, and whether superseded: then they are closed.

    Return how many there were to look at.
    """
    keys = {"id": run.id, "service": run.service, "count": count}
    rows = session.execute(sql(_UNKNOWN), keys).all()
    dead = [row for row in rows if row.status == "dead"]
    found = {one.id: one for one in look(session, run.service, dead)}
    closed = {one.id: one.reason for one in found.values() if one.reason}
    dead_letters.close(session, run.service, closed)
    marks = [(row.position, _status(found.get(row.event_id))) for row in rows]
    mark(session, run, marks, [found[r.event_id].entity if r in dead else None for r in rows])
    return len(rows)


def _status(looked: Looked | None) -> str:
    if looked is None:
        return "skipped"
    return "superseded" if looked.reason else "waiting"


def mark(
    session: Session, run: Any, marks: Sequence[tuple[int, str]], entities: Sequence[str | None]
) -> None:
    """Give letters, by position, a status, and an entity where there is one to give."""
    keys = {
        "id": run.id,
        "positions": array(position for position, _ in marks),
        "statuses": array(status for _, status in marks),
        "entities": array(entities),
        "steps": array(run.step if status == "sent" else None for _, status in marks),
    }
    if marks:
        session.execute(sql(_MARK), keys)


_FREE = f"""
    SELECT position, letter FROM {LETTERS} AS one
    WHERE redrive_id = :id AND status = 'waiting' AND entity IS NOT NULL
        AND NOT EXISTS (SELECT FROM {LETTERS} AS older WHERE older.redrive_id = one.redrive_id
            AND older.entity = one.entity AND older.position < one.position
            AND older.status IN {BLOCKING})
    ORDER BY position LIMIT :count
"""  # noqa: S608  our own table


def free(session: Session, run: Any, count: int) -> Sequence[Any]:
    """Return the next (position, letter) that were looked at, whose entity has no older one."""
    return session.execute(sql(_FREE), {"id": run.id, "count": count}).all()


def send(session: Session, run: Any, letters: Sequence[Any]) -> int:
    """Have letters tried again; return how many are. Skipped are those that are dead no more.

    So are effects that may have been done, and would be done twice.
    """
    ids = [letter for _, letter in letters]
    if run.kind == "event":
        sent = set(dead_letters.again(session, run.service, ids))
    else:
        sent = {str(id) for id in effects.again(session, [int(id) for id in ids])}
    marks = [(position, "sent" if id in sent else "skipped") for position, id in letters]
    mark(session, run, marks, [None] * len(marks))
    return len(sent)


_HOLD = f"""
    UPDATE {LETTERS} SET status = 'held'
    WHERE redrive_id = :id AND status = 'waiting' AND entity IS NOT NULL
"""  # noqa: S608  our own table


def hold(session: Session, run: Any) -> None:
    """Leave what waits for an older one of its entity that was not mended; it stays dead."""
    session.execute(sql(_HOLD), {"id": run.id})
