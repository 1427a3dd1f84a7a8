"""What changed in what a service tells: each reported once, and shown for some days."""

from collections.abc import Iterable, Sequence
from typing import Any

from db.models.syncs import Shape
from db.session import transaction
from telemetry import log
from worker.arrays import array
from worker.ledger import sql

SHAPES = Shape.__table__.fullname  # type: ignore[attr-defined]  # as in worker/ledger.py
DAYS = 7
_log = log(__name__)

_UNFIT = f"""
    INSERT INTO {SHAPES} AS kept (service, of, path, types, change, reported_at)
    SELECT :service, :of, path, '{{}}', 'unfit', now()
    FROM unnest(CAST(:paths AS text[])) AS path
    ON CONFLICT (service, of, path) DO UPDATE SET change = 'unfit', reported_at = now()
    WHERE kept.change IS DISTINCT FROM 'unfit' RETURNING path
"""  # noqa: S608  our own table

_CHANGES = f"""
    SELECT service, of, path, change, types, reported_at FROM {SHAPES}
    WHERE reported_at > now() - make_interval(days => :days) ORDER BY reported_at DESC, of, path
"""  # noqa: S608  our own table

_COUNTS = f"""
    SELECT service, change, count(*) FROM {SHAPES}
    WHERE reported_at > now() - make_interval(days => :days) GROUP BY service, change
"""  # noqa: S608  our own table


def unfit(service: str, of: str, names: Iterable[str]) -> None:
    """Report, once, fields for which the service's own library refused what it was told."""
    if not (paths := sorted(set(names))):
        return
    with transaction() as session:
        keys = {"service": service, "of": of, "paths": array(paths)}
        new = session.execute(sql(_UNFIT), keys).scalars().all()
    for path in new:
        report(service, of, path, "unfit", [])


def changes() -> Sequence[Any]:
    """Return (service, of, path, change, types, reported_at) of the last days, newest first."""
    with transaction() as session:
        return session.execute(sql(_CHANGES), {"days": DAYS}).all()


def counts() -> Sequence[Any]:
    """Return (service, change, how many fields) of the last days."""
    with transaction() as session:
        return session.execute(sql(_COUNTS), {"days": DAYS}).all()


def report(service: str, of: str, path: str, change: str | None, types: Sequence[str]) -> None:
    """Log a change: which field it is of, never a value."""
    _log.warning("contract.changed", service=service, of=of, path=path, change=change, types=types)
