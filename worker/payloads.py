"""Retention of the outbox: what an effect said goes when it is long done; its row and key stay."""

from db.models.effects import DONE
from db.session import transaction
from settings import settings
from worker.ledger import sql
from worker.outbox import TABLE

_EMPTY = f"""
    WITH old AS MATERIALIZED (
        SELECT id FROM {TABLE}
        WHERE status IN {DONE} AND payload <> CAST('{{}}' AS jsonb)
            AND settled_at < now() - make_interval(days => :days)
        ORDER BY settled_at LIMIT :count FOR UPDATE SKIP LOCKED)
    UPDATE {TABLE} AS kept SET payload = CAST('{{}}' AS jsonb)
    FROM old WHERE kept.id = old.id
    RETURNING kept.id
"""  # noqa: S608  our own table


def empty(count: int) -> int:
    """Empty so many payloads, the oldest first; return how many there were."""
    keys = {"days": settings().retention.events_retention_days, "count": count}
    with transaction() as session:
        return len(session.execute(sql(_EMPTY), keys).all())
