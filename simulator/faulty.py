"""An API that is as slow, as sick and as strict as its dials say."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from simulator.dials import Dials
from simulator.stand_in import Fault, Request, StandIn
from simulator.text import JSON


@dataclass
class Faulty(StandIn):
    """A stand-in whose requests may be answered late, with 500, or with 429.

    `said` is how its service tells of an error: (status, code, message) -> body. `refused` counts
    the answers that were no answers, by status.
    """

    dials: Dials = field(default_factory=Dials)
    dice: Random = field(default_factory=Random)
    requests: int = 0
    refused: dict[int, int] = field(default_factory=dict)
    _second: tuple[int, int] = (0, 0)

    def error(self, status: int, code: str, message: str) -> JSON:
        """Return how the service tells of an error."""
        raise NotImplementedError

    def answer(self, request: Request) -> Fault:
        """Do what is asked; or be slow, fail, or refuse it."""
        with self.lock:
            wait = self.dice.random() * self.dials.slow
            refusal = self._refusal()
            self.requests += 1
            if refusal:
                self.refused[refusal.status] = self.refused.get(refusal.status, 0) + 1
        if wait:
            self.over.wait(wait)
        return refusal or super().answer(request)

    def refuse(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> Fault:
        """Return an error as the service tells it."""
        body = json.dumps(self.error(status, code, message)).encode()
        return Fault(status, body, headers or {})

    def _refusal(self) -> Fault | None:
        chance = self.dice.random()
        if self._too_many() or chance < self.dials.throttle:
            wait = {"retry-after": str(self.dials.retry_after)}
            return self.refuse(429, "rate_limit", "Too many requests", wait)
        if chance < self.dials.throttle + self.dials.fail:
            return self.refuse(500, "internal_error", "The dials say so")
        return None

    def _too_many(self) -> bool:
        second, count = self._second
        now = int(self.now())
        self._second = (now, count + 1 if second == now else 1)
        return 0 < self.dials.rate < self._second[1]
