"""Have all signals asked, so that one that raises leaves the others to be heard."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from redis.exceptions import RedisError

from telemetry import describe, log
from worker import patience
from worker.faults import ours
from worker.signals.reason import Look, Reason

Signal = Callable[[Look], Iterator[tuple[str, Reason]]]
_log = log(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """The reasons of each service, and the codes of which nothing can be said there."""

    reasons: defaultdict[str, list[Reason]] = field(default_factory=lambda: defaultdict(list))
    unseen: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def signalled(look: Look, signals: Mapping[str, tuple[Signal, Sequence[str]]]) -> Seen:
    """Return what the signals say. Raises RedisError, SQLAlchemyError: a store is away.

    So it does where Postgres is too slow for a page. Nobody else waits: of what took too long
    nothing is said, and it is not asked once more for each service.
    """
    seen = Seen()
    for name, (signal, codes) in signals.items():
        error = _take(seen, name, signal, look)
        if error is not None and patience.given_up(error):
            _miss(seen, name, codes, look.services)
        elif error is not None:
            _singly(seen, name, signal, codes, look)
    return seen


def _take(seen: Seen, name: str, signal: Signal, look: Look) -> Exception | None:
    """Take what a signal says, whole or not at all; return what it raised."""
    try:
        found = list(signal(look))
    except Exception as error:
        if isinstance(error, RedisError) or ours(error):  # nothing is known of anything
            raise
        if patience.given_up(error) and patience.limited():
            raise
        _log.error("watch.signal_failed", signal=name, error=describe(error))
        return error
    for service, reason in found:
        seen.reasons[service].append(reason)
    return None


def _singly(seen: Seen, name: str, signal: Signal, codes: Sequence[str], look: Look) -> None:
    """Ask of one service after the other: what makes a signal raise is mostly one's own."""
    for service in look.services:
        if _take(seen, name, signal, _of(look, service)) is not None:
            _miss(seen, name, codes, [service])


def _miss(seen: Seen, name: str, codes: Sequence[str], services: Sequence[str]) -> None:
    for service in services:
        seen.unseen[service].update(codes)
        seen.reasons[service].append(_failed(name))


def _of(look: Look, service: str) -> Look:
    waiting = {name: found for name, found in look.waiting.items() if name == service}
    return replace(look, services=(service,), waiting=waiting)


def _failed(name: str) -> Reason:
    return Reason(
        "watch_failed",
        "degraded",
        f"Tallyman could not look at one thing ({name}): what is wrong there, nobody is told.",
        None,
        name,
        look="tallyman status",
        mend="the worker's log says why, at watch.signal_failed: Postgres took too long, or it is "
        "a defect of Tallyman",
        page="/services",
    )
