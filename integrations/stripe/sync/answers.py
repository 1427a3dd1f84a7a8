"""What Stripe answers to a GET: its JSON as it came, and since when that can have been so."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

import stripe
from pydantic import model_validator

from integrations.errors import Transient
from integrations.outbound import begun, said_at
from integrations.schema import JSON, Shape, parse
from integrations.stripe.client import asking, client

AT_ONCE = 100  # a page is no longer: SDK params/_customer_list_params.py, limit


class Missing(Exception):
    """Stripe has no object of that id.

    `param` is where the id stood, `at` Stripe's time, `begun` as Answer's.
    """

    def __init__(self, param: str, at: datetime, begun: int) -> None:
        super().__init__(param)
        self.param, self.at, self.begun = param, at, begun


class Told(Shape, title="list"):
    """A page of a list. https://docs.stripe.com/api/pagination."""

    data: list[JSON]
    has_more: bool

    @model_validator(mode="after")
    def _goes_on(self) -> Self:
        if self.has_more and not self.data:
            raise ValueError("is empty, though there is more")
        return self


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's body. `at` is Stripe's time; before `begun`, in milliseconds, it was not made."""

    body: str
    at: datetime
    begun: int

    @property
    def value(self) -> JSON:
        """Return its JSON. Raises Unreadable."""
        return parse(self.body.encode())

    @property
    def told(self) -> Told:
        """Return the list that it is. Raises Unreadable."""
        return Told.read(self.value)


@dataclass(slots=True)
class Caller:
    """Asks about one account, '' for one's own, and counts how often."""

    account: str
    calls: int = field(default=0, init=False)

    def ask(self, path: str, **params: Any) -> Answer:
        """Return what a GET answers. Raises Missing, Transient, Permanent, Deferred.

        The text is the answer's, not what the library's objects make of it: `raw_request` in
        stripe/_stripe_client.py, with the same API version as theirs.
        """
        self.calls += 1
        whose = {"stripe_account": self.account} if self.account else {}
        began = time.monotonic()
        with asking():
            try:
                found = client().raw_request("get", path, **params, **whose)
            except stripe.InvalidRequestError as error:
                if not _is_missing(error):
                    raise
                raise Missing(error.param or "", *_times(error.headers or {}, began)) from None
            return Answer(found.body, *_times(found.headers, began))

    def all(self, path: str, **params: Any) -> list[JSON]:
        """Return all members of a list. Raises as `ask`; Transient if it changes meanwhile."""
        found = self.ask(path, limit=AT_ONCE, **params).told
        members = list(found.data)
        while found.has_more:
            last = found.data[-1].get("id")
            try:
                found = self.ask(path, limit=AT_ONCE, starting_after=last, **params).told
            except Missing:
                raise Transient("stripe: a list changed while it was read") from None
            members += found.data
        return members


def _is_missing(error: stripe.InvalidRequestError) -> bool:
    """Return whether there is no such object, not even one that a key of the other mode would see.

    Of that the message says "a similar object exists in live mode"; the code is the same.
    """
    in_other_mode = "similar object exists" in (error.user_message or "")
    return error.code == "resource_missing" and not in_other_mode


def _times(headers: Mapping[str, str], began: float) -> tuple[datetime, int]:
    return said_at(headers), begun(headers, time.monotonic() - began)
