"""The newest effects of a target or in a status, with bounded work however long the outbox is."""

from collections.abc import Sequence
from typing import Any

from db.session import transaction
from worker.causes import EFFECTS
from worker.ledger import sql

WALKED = 20_000
"""So many of the newest are looked through for those that are meant."""
_FEW = 100_000  # of those that wait or were given up, whose indexes know nothing of when they began

_MEANT = """
    (CAST(:target AS text) IS NULL OR target = :target)
    AND (CAST(:status AS text) IS NULL OR status = :status)
"""
_NEWEST = f"""
    SELECT * FROM (SELECT id, target, status, created_at FROM {EFFECTS}
        ORDER BY created_at DESC LIMIT {WALKED}) AS newest
    WHERE {_MEANT}
"""  # noqa: S608  our own table
# in the text: only so do the partial indexes answer
_GIVEN_UP = f"""
    SELECT id, created_at FROM {EFFECTS}
    WHERE status IN ('dead', 'held') AND {_MEANT} LIMIT {_FEW}
"""  # noqa: S608  our own table
_WAITING = f"""
    SELECT id, created_at FROM {EFFECTS} WHERE status = 'waiting' AND {_MEANT} LIMIT {_FEW}
"""  # noqa: S608  our own table
_OF = {"waiting": _WAITING, "dead": _GIVEN_UP, "held": _GIVEN_UP}
_SHOWN = """
    WITH walked AS MATERIALIZED ({walked})
    SELECT id, target, action, entity, status, attempts, retry_at, created_at, settled_at, error,
        reason, service, event_id
    FROM {table} WHERE id IN (
        SELECT id FROM walked ORDER BY created_at DESC, id DESC LIMIT :limit)
    ORDER BY created_at DESC, id DESC
"""


def newest(target: str | None, status: str | None, limit: int) -> Sequence[Any]:
    """Return the newest effects to a target, in a status, without their payloads.

    Those that wait or were given up are found however old they are, others among the newest
    `WALKED`.
    """
    query = _SHOWN.format(walked=_OF.get(status or "", _NEWEST), table=EFFECTS)
    keys = {"target": target, "status": status, "limit": limit}
    with transaction() as session:
        return session.execute(sql(query), keys).all()
