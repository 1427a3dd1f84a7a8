"""Whether all that was let in has ended as it must: nothing lost, nothing that waits for ever."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping

from proof.hostile.answers import LOST
from proof.hostile.book import Book
from proof.hostile.door import WAITING, Door
from proof.report import Finding, Table

STUCK, WRONG_END = "did not settle", "ended otherwise than it must"
REAL, UNREADABLE, GARBAGE = "real events", "unreadable garbage", "other signed garbage"
UNSETTLED = {WAITING, "received", "retrying"}
PATIENCE = 60.0  # seconds, since the last one settled
_WHAT = ("type", "eventName", "event", "action")  # the last two are PostHog's and R2's
_ENDS = {
    REAL: {"handled"},
    UNREADABLE: {"dead"},
    GARBAGE: {"handled", "ignored", "dead"},  # its own matter, but one of these
}


def is_surely_unreadable(body: bytes) -> bool:
    """Return whether no service could read it: an event is an object, and says what happened."""
    try:
        says = json.loads(body)
    except (ValueError, RecursionError):
        return True
    told = [says.get(name) for name in _WHAT] if isinstance(says, dict) else []
    return not any(isinstance(what, str | dict) for what in told)


def follow(door: Door, book: Book, patience: float = PATIENCE) -> Table:
    """Wait until all that was accepted has settled, or nothing moves; return where it is."""
    statuses = _settled(door, book.accepted, patience)
    book.findings += _wrong(book.accepted, statuses)
    return _shown(book.accepted, statuses)


def _settled(door: Door, bodies: Iterable[str], patience: float) -> Mapping[str, str]:
    """Return the status of each body, LOST for those that are nowhere."""
    fewest, give_up = None, time.monotonic() + patience
    while True:
        taken = door.taken()
        found = {body: taken.get(body, LOST) for body in bodies}
        left = sum(status in UNSETTLED for status in found.values())
        if fewest is None or left < fewest:
            fewest, give_up = left, time.monotonic() + patience
        if not left or time.monotonic() > give_up:
            return found
        time.sleep(0.5)


def _wrong(accepted: Mapping[str, str], statuses: Mapping[str, str]) -> Iterator[Finding]:
    for body, status in statuses.items():
        if status == LOST:
            yield Finding(LOST, f"{accepted[body]}: {body} was answered 202, and is nowhere")
        elif status in UNSETTLED:
            yield Finding(STUCK, f"{accepted[body]}: {body} is still {status}")
        elif status not in _ENDS[accepted[body]]:
            yield Finding(WRONG_END, f"{accepted[body]}: {body} is {status}")


def _shown(accepted: Mapping[str, str], statuses: Mapping[str, str]) -> Table:
    pairs = [(accepted[body], status) for body, status in statuses.items()]
    rows = [(*pair, pairs.count(pair)) for pair in sorted(set(pairs))]
    return Table(["bodies answered 202 under attack", "ended", "how many"], rows)
