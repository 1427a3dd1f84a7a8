"""Slack and Sentry on loopback, which keep what they are told, and fail when told to."""

import json
from dataclasses import dataclass, field
from itertools import count

from simulator.stand_in import Fault, Request, StandIn
from simulator.text import JSON


@dataclass
class FakeSlack(StandIn):
    """The two methods and the webhook. `messages` are those of the channel by `ts`.

    `said` has what came in order, as (what, text); a thread's answers are in `threads`.
    """

    messages: dict[str, str] = field(default_factory=dict)
    threads: dict[str, list[str]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def do(self, request: Request) -> Fault:
        """Do as Slack does, with status 200 for its errors too."""
        self.tokens.append(request.headers.get("authorization", ""))
        if self.errors:
            return _json({"ok": False, "error": self.errors.pop(0)})
        if request.path.startswith("/services/"):
            self.said.append(("webhook", request.body["text"]))
            return Fault(200, b"ok", {"content-type": "text/plain"})
        if request.path == "/api/chat.update":
            return self._change(request.body)
        return self._post(request.body)

    def _change(self, asked: JSON) -> Fault:
        if asked["ts"] not in self.messages:
            return _json({"ok": False, "error": "message_not_found"})
        self.messages[asked["ts"]] = asked["text"]
        self.said.append(("changed", asked["text"]))
        return _json({"ok": True, "ts": asked["ts"], "channel": asked["channel"]})

    def _post(self, asked: JSON) -> Fault:
        ts = f"{next(self._numbers)}.000100"
        if above := asked.get("thread_ts"):
            self.threads.setdefault(above, []).append(asked["text"])
            self.said.append(("seen" if asked["reply_broadcast"] else "answered", asked["text"]))
        else:
            self.messages[ts] = asked["text"]
            self.said.append(("posted", asked["text"]))
        return _json({"ok": True, "ts": ts, "channel": "C1"})


@dataclass
class FakeSentry(StandIn):
    """The envelopes that came: their events."""

    events: list[JSON] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)

    def do(self, request: Request) -> Fault:
        """Keep the event."""
        assert request.path == "/api/7/envelope/", request.path
        head, item, event = request.content.decode().split("\n")
        assert json.loads(item) == {"type": "event"}
        self.events.append(json.loads(event))
        assert json.loads(head) == {"event_id": self.events[-1]["event_id"]}
        self.heads.append(dict(request.headers))
        return _json({"id": self.events[-1]["event_id"]})


def _json(said: JSON) -> Fault:
    return Fault(200, json.dumps(said).encode())
