"""A loopback stand-in of PostHog: it keeps what it is sent, lists feature flags, fails if told to.

https://posthog.com/docs/api/capture, and PostHog/posthog rust/capture/src/api.rs for the answers;
https://posthog.com/docs/api/feature-flags. Projects, events and flags share one address here.
"""

import json
import re
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from simulator.stand_in import Fault, Request, StandIn, serving
from simulator.text import JSON

__all__ = ["OVER_QUOTA", "TAKEN", "Fault", "PostHogAPI", "posthog_api"]

TAKEN = b'{"status":"Ok"}'
OVER_QUOTA = Fault(200, b'{"status":"Ok","quota_limited":["events"]}')


@dataclass
class PostHogAPI(StandIn):
    """What it was sent."""

    batches: list[JSON] = field(default_factory=list)
    flags: list[JSON] = field(default_factory=list)

    @property
    def events(self) -> list[JSON]:
        """Return the events in the order in which they came."""
        return [event for batch in list(self.batches) for event in batch["batch"]]

    @property
    def kept(self) -> dict[str, JSON]:
        """Return what PostHog would keep: one of those with the same uuid, name, time, person."""
        said = ("uuid", "event", "timestamp", "distinct_id")
        return {json.dumps([event[name] for name in said]): event for event in self.events}

    def do(self, request: Request) -> Fault:
        """Take what was posted, or list the flags; return the answer."""
        if request.method == "GET":
            return self._asked(request)
        if (request.method, request.path) != ("POST", "/batch/"):
            return Fault(404)
        self.batches.append(request.body)
        return Fault(200, TAKEN)

    def _asked(self, request: Request) -> Fault:
        """Return a page of a project's flags: where the next one is, it says itself."""
        if not request.headers.get("authorization", "").startswith("Bearer phx_"):
            return Fault(401, b'{"type":"authentication_error","code":"not_authenticated"}')
        found = _FLAGS.fullmatch(request.path)
        if found is None:
            return Fault(404, _NOT_FOUND)
        if found["id"]:
            kept = [flag for flag in self.flags if str(flag["id"]) == found["id"]]
            return Fault(200, json.dumps(kept[0]).encode()) if kept else Fault(404, _NOT_FOUND)
        shown = [flag for flag in self.flags if not flag["deleted"]]
        limit, offset = (int(request.query.get(n, d)) for n, d in (("limit", 100), ("offset", 0)))
        more = offset + limit < len(shown)
        url = f"{self.url}{request.path}?limit={limit}&offset={offset + limit}"
        page = {"count": len(shown), "next": url if more else None, "previous": None}
        return Fault(200, json.dumps(page | {"results": shown[offset : offset + limit]}).encode())


_FLAGS = re.compile(r"/api/projects/(?P<project>[^/]+)/feature_flags/((?P<id>[^/]+)/)?")
_NOT_FOUND = b'{"type":"invalid_request","code":"not_found","detail":"Not found."}'


def posthog_api(port: int = 0) -> AbstractContextManager[PostHogAPI]:
    """Run the stand-in meanwhile. `url` is POSTHOG_HOST."""
    return serving(PostHogAPI(), port)
