"""How the objects of one type are listed."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.errors import Deferred, Transient
from integrations.schema import JSON
from integrations.stripe.sync.answers import AT_ONCE, Answer, Caller, Missing
from integrations.stripe.sync.place import Place
from integrations.stripe.sync.snapshots import snapshot
from integrations.syncs import LIST, Page

CALLS, SECONDS = 20, 2.0
"""So many calls, or so long, end a page before its last object: it is to fit into a time slice."""

Inside = Callable[[Caller, JSON], Iterable[JSON]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list at `path`, the newest first, gone through once with each of `passes` as parameters.

    `inside` returns the objects of our type that a member brings: itself, made whole, or those
    that are listed by customer only. `at_once` members are on a page.
    """

    kind: str
    path: str
    passes: Sequence[Mapping[str, Any]] = ({},)
    inside: Inside
    at_once: int = AT_ONCE

    def page(self, account: str, cursor: str | None) -> Page:
        """Return the page behind a cursor. Raises as `Caller.ask`."""
        at, stripe = Place.read(cursor), Caller(account)
        answer = self._ask(stripe, at)
        told = answer.told
        read, found = self._read(stripe, told.data)
        return Page(
            [snapshot(self.kind, value, answer, LIST, account) for value in found],
            self._after(at, read, more=told.has_more or len(read) < len(told.data)),
            answer.begun,
        )

    def _read(self, stripe: Caller, members: Sequence[JSON]) -> tuple[Sequence[JSON], list[JSON]]:
        """Return the first members, as many as the calls suffice for, and what they bring.

        What is in the way behind one of them is the next page's: no call was in vain.
        """
        found: list[JSON] = []
        end = time.monotonic() + SECONDS
        for count, member in enumerate(members):
            if count and (stripe.calls >= CALLS or time.monotonic() >= end):
                return members[:count], found
            try:
                found += self.inside(stripe, member)
            except Missing:
                continue  # deleted since it was listed
            except (Transient, Deferred):
                if not count:
                    raise
                return members[:count], found
        return members, found

    def _after(self, at: Place, read: Sequence[JSON], *, more: bool) -> str | None:
        if more:
            return str(at.behind(read))
        return str(Place(at.lap + 1)) if at.lap + 1 < len(self.passes) else None

    def _ask(self, stripe: Caller, at: Place) -> Answer:
        """Return a page's answer; behind an object that is gone, what is no younger than it was."""
        params = {**self.passes[at.lap], "limit": self.at_once}
        if not at.id:
            return stripe.ask(self.path, **params)
        try:
            return stripe.ask(self.path, **params, starting_after=at.id)
        except Missing as missing:
            if missing.param != "starting_after":
                raise
        older = {"created": {"lte": int(at.created)}} if at.created else {}
        return stripe.ask(self.path, **params, **older)
