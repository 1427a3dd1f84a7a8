"""How the account of a sync's run is told in words."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from worker.signals.words import age

_SPELT = {"stripe": "Stripe", "clerk": "Clerk", "loops": "Loops", "posthog": "PostHog", "r2": "R2"}


def line(run: Any) -> str:
    """Return a run as `stripe events: 41,208 at Stripe, 41,208 here, 3 fetched; complete, ...`."""
    return f"{_who(run)}: {', '.join(_account(run))}; {_end(run)}"


def _who(run: Any) -> str:
    kind = "" if run.kind in {"catch_up", run.name} else f" {run.kind}"
    account = f" of {run.account}" if run.account else ""
    return f"{run.service} {run.name}{kind}{account}"


def _account(run: Any) -> Iterator[str]:
    """Yield what is at the service and here now, and what was done because of it."""
    taken = 0 if run.plan else run.fetched
    yield f"{run.there:,} at {_SPELT.get(run.service, run.service)}"
    yield f"{run.here + taken:,} here"
    if run.plan:
        yield f"{run.fetched:,} differ" if run.fetched else "none differs"
    else:
        yield f"{run.fetched:,} fetched"
    if run.gone:
        yield f"{run.gone:,} gone"
    if run.failed:
        yield f"{run.failed:,} failed"
    if run.gap_from and run.gap_to:
        yield f"gap {_time(run.gap_from)} to {_time(run.gap_to, run.gap_from)}"


def _time(at: datetime, other: datetime | None = None) -> str:
    """Return a time in UTC, with the day where that is neither today nor the other's."""
    at, today = at.astimezone(UTC), datetime.now(UTC)
    day = (other or today).astimezone(UTC).date()
    return at.strftime("%H:%M" if at.date() == day else "%Y-%m-%d %H:%M")


def _end(run: Any) -> str:
    looked = "only looked; " if run.plan else ""
    ago = f"{age(run.age)} ago"
    match run.status:
        case "complete":
            return f"{looked}complete, {ago}"
        case "failed":
            return f"{looked}failed, {ago}: {run.error}"
        case "stopped":
            return f"{looked}stopped, {ago}: {run.error}; the next goes on there"
    if run.busy:
        return f"{looked}running"
    return f"{looked}running, but nobody is at it since {age(run.age)}; the next goes on there"
