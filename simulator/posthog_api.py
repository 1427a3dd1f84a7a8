"""A loopback stand-in of PostHog's capture API: it keeps what it is sent, and fails when told to.

https://posthog.com/docs/api/capture, and PostHog/posthog rust/capture/src/api.rs for the answers.
"""

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from integrations.schema import JSON
from simulator.stand_in import Fault, Request, StandIn, serving

__all__ = ["OVER_QUOTA", "TAKEN", "Fault", "PostHogAPI", "posthog_api"]

TAKEN = b'{"status":"Ok"}'
OVER_QUOTA = Fault(200, b'{"status":"Ok","quota_limited":["events"]}')


@dataclass
class PostHogAPI(StandIn):
    """What it was sent."""

    batches: list[JSON] = field(default_factory=list)

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
        """Take what was posted; return the answer."""
        if (request.method, request.path) != ("POST", "/batch/"):
            return Fault(404)
        self.batches.append(request.body)
        return Fault(200, TAKEN)


def posthog_api(port: int = 0) -> AbstractContextManager[PostHogAPI]:
    """Run the stand-in meanwhile. `url` is POSTHOG_HOST."""
    return serving(PostHogAPI(), port)
