"""Whether old bodies leave the ledger as they should: for `tallyman doctor`."""

from collections.abc import Iterator

from sqlalchemy.exc import SQLAlchemyError

from integrations import INTEGRATIONS
from settings import settings
from worker import state
from worker.checks import Finding

_ALL = "R2_ENDPOINT_URL, R2_BUCKET, R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY"
_LATE = 6 * 3600  # seconds: whole hours leave, and a first time takes long


def findings() -> Iterator[Finding]:
    """Yield what is said of the bodies, where they are to leave at all."""
    if not settings().retention.events_retention_days:
        return
    if settings().r2.r2_archive and not settings().r2.archives:
        yield Finding("fail", "R2_ARCHIVE is set, but no body leaves", f"set {_ALL}")
        return
    yield from _overdue()


def _overdue() -> Iterator[Finding]:
    """Yield how late the oldest are; nothing while Postgres, who knows, is away."""
    try:
        late = [one for one in state.overdue(INTEGRATIONS) if one.seconds > _LATE]
    except SQLAlchemyError:
        return
    if not late:
        yield Finding("ok", "old bodies leave in time")
    for service, seconds in late:
        what = f"{service}: {seconds / 86400:.0f} days since its oldest body should have left"
        yield Finding("warn", what, "look for archive.failed in the log of work")
