"""A Stripe that has a log of events: /v1/events, of any account."""

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.integrations.stripe.lists import Lists, date
from tests.worker.stories import customer

PATH = "/v1/events"


def event(id, created, **rest):
    """Return an event of Stripe's that happened at this time."""
    return {
        "id": id,
        "object": "event",
        "type": "customer.updated",
        "created": created,
        "livemode": False,
        "api_version": "2026-10-28.endive",
        "data": {"object": customer(f"cus_of_{id}")},
        **rest,
    }


class StripeLog(Lists):
    """`answers` are the statuses that are given first, one a call.

    So is 429 to who reads on from less than `patience` seconds ago.
    """

    def __init__(self, mock):
        super().__init__(mock)
        self.now = int(time.time())
        self.answers: list[int] = []
        self.of: dict[str, list[Any]] = {}
        self.patience = 0
        self.add(PATH, [])

    def happened(self, id, ago, account="", **rest):
        happened = event(id, self.now - ago, **rest)
        self.of.setdefault(account, []).append(happened)
        return happened

    def _listed(self, request):
        account = request.headers.get("Stripe-Account", "")
        events = self.of.get(account, [])
        self.at[PATH] = sorted(events, key=lambda e: e["created"], reverse=True)
        status = self.answers.pop(0) if self.answers else None
        since = parse_qs(urlsplit(request.url).query)["created[gte]"][0]
        if status is None and time.time() - int(since) < self.patience:
            status = 429
        if status is None:
            status, _, body = super()._listed(request)
            return status, date(self.now), body
        self._note(request)
        return status, {"Retry-After": "60"}, json.dumps({"error": {"message": "no"}})
