"""What came about people who were erased: the provider still has them, and tells of them."""

from collections.abc import Sequence
from typing import Any

from db.models.erasures import Erasure
from db.session import transaction
from worker.ledger import TABLE, sql

_ERASURES = Erasure.__table__.fullname  # type: ignore[attr-defined]  # as in worker/ledger.py
DAYS = 30

# the index by service and time bounds what is told, that by entity finds it; hashed as in
# worker/erase/people.py, each entity once
_RETURNED = f"""
    WITH gone AS MATERIALIZED (
        SELECT hash, greatest(min(began_at), now() - make_interval(days => {DAYS})) AS since
        FROM {_ERASURES}, unnest(ids) AS hash GROUP BY hash),
    told AS MATERIALIZED (
        SELECT DISTINCT service, entity FROM {TABLE}
        WHERE service = ANY(CAST(:services AS text[])) AND entity IS NOT NULL
            AND received_at > (SELECT min(since) FROM gone)),
    back AS MATERIALIZED (
        SELECT service, entity, since FROM told JOIN gone
            ON hash = encode(sha256(convert_to(service || ':' || entity, 'UTF8')), 'hex'))
    SELECT service, event_id, type, entity, received_at FROM back, LATERAL (
        SELECT event_id, type, received_at FROM {TABLE} AS e
        WHERE e.service = back.service AND e.entity = back.entity
            AND received_at > since AND body IS NOT NULL
        ORDER BY received_at DESC LIMIT :limit) AS each
    ORDER BY received_at DESC LIMIT :limit
"""  # noqa: S608  our own tables


def returned(services: Sequence[str], limit: int = 100) -> Sequence[Any]:
    """Return the newest events about people who had been erased before, of the last days."""
    with transaction() as session:
        keys = {"services": list(services), "limit": limit}
        return session.execute(sql(_RETURNED), keys).all()
