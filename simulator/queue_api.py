"""A loopback stand-in of a Cloudflare Queue that is pulled over HTTP.

https://developers.cloudflare.com/queues/configuration/pull-consumers/
"""

import base64
import json
import re
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from simulator.stand_in import Fault, Request, StandIn, serving
from simulator.text import JSON, dump

_PATH = re.compile(r"/client/v4/accounts/[^/]+/queues/[^/]+/messages/(pull|ack)")
MOST = 100


@dataclass
class QueueAPI(StandIn):
    """Messages by id. Who pulled one has it until `held` says; then others get it, again."""

    messages: dict[str, JSON] = field(default_factory=dict)
    held: dict[str, float] = field(default_factory=dict)
    told: int = 0

    def tell(self, body: JSON) -> None:
        """Put a message into the queue: JSON comes out in base64."""
        with self.lock:
            self.told += 1
            id = f"message_{self.told}"
            self.messages[id] = {
                "id": id,
                "body": base64.b64encode(dump(body).encode()).decode(),
                "timestamp_ms": int(self.now() * 1000),
                "attempts": 0,
                "metadata": {"CF-Content-Type": "json"},
            }

    def do(self, request: Request) -> Fault:
        """Hand messages out, or forget those that are acknowledged."""
        found = _PATH.fullmatch(request.path)
        if request.method != "POST" or found is None:
            return _said({}, [{"code": 7003, "message": "No route for that URI"}], 404)
        if not request.headers.get("authorization", "").startswith("Bearer "):
            return _said({}, [{"code": 10000, "message": "Authentication error"}], 403)
        return _said(self._pull(request.body) if found[1] == "pull" else self._ack(request.body))

    def _pull(self, asked: JSON) -> JSON:
        count, now = min(int(asked.get("batch_size", 5)), MOST), self.now()
        free = [id for id in self.messages if self.held.get(id, 0) <= now][:count]
        for id in free:
            self.held[id] = now + int(asked.get("visibility_timeout_ms", 30_000)) / 1000
            self.messages[id]["attempts"] += 1
        found = [self.messages[id] | {"lease_id": f"lease_{id}"} for id in free]
        return {"messages": found, "message_backlog_count": len(self.messages)}

    def _ack(self, asked: JSON) -> JSON:
        for ack in asked.get("acks", []):
            self.messages.pop(ack["lease_id"].removeprefix("lease_"), None)
        for again in asked.get("retries", []):
            self.held[again["lease_id"].removeprefix("lease_")] = 0
        counts = {"ackCount": len(asked.get("acks", [])), "warnings": {}}
        return counts | {"retryCount": len(asked.get("retries", []))}


def _said(result: JSON, errors: list[JSON] | None = None, status: int = 200) -> Fault:
    said = {"success": not errors, "errors": errors or [], "messages": [], "result": result}
    return Fault(status, json.dumps(said).encode())


def queue_api(port: int = 0) -> AbstractContextManager[QueueAPI]:
    """Run the stand-in meanwhile. `url` and /client/v4 are CLOUDFLARE_BASE_URL."""
    return serving(QueueAPI(), port)
