"""Stripe's own log of events, which it keeps for 30 days.

It lists the newest first, and knows times in whole seconds (SDK params/_event_list_params.py). So
that a page is older than the next one it is asked for span by span, each of which fits on a page: a
span that does not is narrowed, and of a second that does not fit the pages follow each other. No
event is needed to go on from, which the log may have forgotten by then.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from math import ceil, floor
from typing import NamedTuple

from integrations.schema import JSON, Id, Seconds, Shape
from integrations.stripe.sync.answers import AT_ONCE, Answer, Caller, Missing, Told
from integrations.syncs import Log, Logged, LogPage

PATH = "/v1/events"
REMEMBERS = timedelta(days=30)


class _Entry(Shape, title="Event"):
    id: Id
    type: Id
    created: Seconds


class _Span(NamedTuple):
    """So many seconds from one on; behind an event where it is a single second of many."""

    start: int
    seconds: int
    last: str = ""

    @classmethod
    def read(cls, cursor: str) -> "_Span":
        start, seconds, last = cursor.split(" ", 2)
        return cls(int(start), int(seconds), last)

    def __str__(self) -> str:
        return " ".join(map(str, self))

    @property
    def end(self) -> int:
        return self.start + self.seconds


def read(account: str, since: datetime, until: datetime, cursor: str | None) -> LogPage:
    """Return the events behind a cursor, oldest first but for those of one crowded second.

    Raises as `Caller.ask`, and Unreadable.
    """
    stripe, end = Caller(account), ceil(until.timestamp())
    start = floor(since.timestamp())
    span = _Span.read(cursor) if cursor else _Span(start, max(0, end - start))
    if span.start >= end:
        return LogPage((), None)
    span = span._replace(seconds=min(span.seconds, end - span.start))
    answer = _ask(stripe, span)
    told = _told(answer)
    while told.has_more and span.seconds > 1:
        span = _narrower(span, told)
        answer = _ask(stripe, span)
        told = _told(answer)
    after = _next(span, told)
    events = sorted(_logged(account, reversed(told.data)), key=lambda one: one.created_at)
    return LogPage(events, str(after) if after.start < end else None, answer.begun)


def _told(answer: Answer) -> Told:
    """Return what is in a span, as it came: what Postgres cannot store is for others to see to."""
    return Told.read(json.loads(answer.body))


def _ask(stripe: Caller, span: _Span) -> Answer:
    params = {"created": {"gte": span.start, "lt": span.end}, "limit": AT_ONCE}
    if not span.last:
        return stripe.ask(PATH, **params)
    try:
        return stripe.ask(PATH, **params, starting_after=span.last)
    except Missing:  # forgotten since
        return stripe.ask(PATH, **params)


def _narrower(span: _Span, told: Told) -> _Span:
    """Return a span of as many events as would fit, were they spread like the newest hundred."""
    crowded = span.end - int(_Entry.read(told.data[-1]).created.timestamp())
    return _Span(span.start, max(1, min(span.seconds // 2, crowded)))


def _next(span: _Span, told: Told) -> _Span:
    """Return the span behind what was told, a wider one where that was little."""
    if told.has_more:
        return span._replace(last=str(told.data[-1]["id"]))
    return _Span(span.end, span.seconds * (2 if len(told.data) < AT_ONCE // 2 else 1))


def _logged(account: str, events: Iterable[JSON]) -> Iterator[Logged]:
    """Yield what was told; of another's account an event says whose it is.

    A webhook of Connect says it (https://docs.stripe.com/connect/webhooks), that account's own log
    need not.
    """
    for event in events:
        entry = _Entry.read(event)
        whose = {"account": account} if account and not event.get("account") else {}
        body = json.dumps(event | whose).encode()
        yield Logged(entry.id, entry.type, entry.created, body)


LOG = Log(read=read, remembers=REMEMBERS)
