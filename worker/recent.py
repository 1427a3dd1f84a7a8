"""What came of the last hour's events, minute by minute: for the plots of the console."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from db.models.events import EventRecord
from db.session import transaction

MINUTES = 60


@dataclass(frozen=True, slots=True)
class Minute:
    """How many events came in within a minute, and how many of these have failed so far."""

    ok: int = 0
    failed: int = 0


# each service by the index, so that other services' events are not looked at
_BY_MINUTE = f"""
    SELECT service, minute, count(*) AS all, count(*) FILTER (WHERE failed) AS failed
    FROM unnest(CAST(:services AS text[])) AS service, LATERAL (
        SELECT floor(extract(epoch FROM now() - received_at) / 60)::int AS minute,
            status IN ('dead', 'retrying') AS failed
        FROM {EventRecord.__table__} AS kept
        WHERE kept.service = service.service
            AND received_at > now() - interval '{MINUTES} minutes'
        ORDER BY received_at DESC LIMIT :most) AS kept
    GROUP BY service, minute
"""  # noqa: S608  our own table
_MOST = 20_000  # of a service: beyond that the plot says the newest only


def hour(services: Sequence[str]) -> dict[str, list[Minute]]:
    """Return the last sixty minutes of each service, the oldest first."""
    found = {name: [Minute()] * MINUTES for name in services}
    with transaction() as session:
        rows = session.execute(text(_BY_MINUTE), {"services": list(services), "most": _MOST}).all()
    for service, minute, count, failed in rows:
        if 0 <= minute < MINUTES:
            found[service][MINUTES - 1 - minute] = Minute(count - failed, failed)
    return found
