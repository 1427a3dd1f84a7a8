"""A Cloudflare Queue as its HTTP API shows it, for httpx to talk to."""

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx

QUEUE = "/client/v4/accounts/acc_1/queues/queue_1/messages"


class FakeQueue:
    """Messages wait until they are acknowledged; a pull hands them out again and again.

    `answers` are given instead, one a request; `acknowledging` is called before each ack.
    """

    def __init__(self) -> None:
        self.waiting: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, Any]] = []
        self.answers: list[httpx.Response] = []
        self.acknowledging: Callable[[], object] = lambda: None
        self.authorization = ""

    def tell(self, body: Any, content_type: str | None = "json") -> None:
        """Put a message into the queue: json comes out in base64, a text as it is."""
        lease, raw = f"lease_{len(self.waiting)}", body
        if content_type == "json":
            raw = base64.b64encode(json.dumps(body).encode()).decode()
        metadata = {"CF-Content-Type": content_type} if content_type else {}
        self.waiting[lease] = {
            "body": raw,
            "id": lease,
            "timestamp_ms": 1,
            "attempts": 1,
            "metadata": metadata,
            "lease_id": lease,
        }

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer as https://developers.cloudflare.com/queues/configuration/pull-consumers/."""
        asked = json.loads(request.content)
        self.authorization = request.headers["authorization"]
        what = request.url.path.removeprefix(f"{QUEUE}/")
        self.requests.append((what, asked))
        if self.answers:
            return self.answers.pop(0)
        if what == "pull":
            found = list(self.waiting.values())[: asked["batch_size"]]
            return _result({"messages": found, "message_backlog_count": len(self.waiting)})
        self.acknowledging()
        for ack in asked["acks"]:
            self.waiting.pop(ack["lease_id"], None)
        return _result({"ackCount": len(asked["acks"]), "retryCount": 0, "warnings": {}})


def _result(result: Any) -> httpx.Response:
    return httpx.Response(200, json={"success": True, "errors": [], "result": result})
