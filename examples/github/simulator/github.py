"""What GitHub says: https://docs.github.com/en/webhooks/webhook-events-and-payloads."""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from simulator.text import JSON

_API = "https://api.github.com/repos/example/abacus"


def iso(at: int) -> str:
    """Return the time as GitHub writes it. `at`: Unix seconds."""
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def repository(at: int, **changes: Any) -> JSON:
    """Return a repository. Its id is a number at GitHub."""
    return {
        "id": "ExampleRepository",
        "full_name": "example/abacus",
        "private": True,
        "archived": False,
        "default_branch": "main",
        "open_issues_count": 1,
        "created_at": iso(at),
        "updated_at": iso(at),
    } | changes


def issue(at: int, **changes: Any) -> JSON:
    """Return an open issue. Its id is a number at GitHub."""
    return {
        "id": "ExampleIssue",
        "number": 7,
        "repository_url": _API,
        "title": "The beads stick",
        "state": "open",
        "user": {"login": "ada"},
        "created_at": iso(at),
        "updated_at": iso(at),
        "closed_at": None,
    } | changes


def event(event_type: str, obj: JSON, at: int) -> JSON:
    """Return the body of an event about the object."""
    name, _, action = event_type.partition(".")
    if name == "issues":
        return {"action": action, "issue": obj, "repository": repository(at)}
    return {"action": action, "repository": obj}


def sign(body: bytes, secret: str, _at: float, event_id: str) -> dict[str, str]:
    """Return the headers that GitHub would send; it signs no time.

    https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    """
    return {
        "x-hub-signature-256": f"sha256={hmac.new(secret.encode(), body, sha256).hexdigest()}",
        "x-github-delivery": event_id,
        "x-github-event": "issues" if b'"issue":' in body else "repository",
        "content-type": "application/json",
    }


OBJECTS: dict[str, Callable[[int], JSON]] = {
    "repository.created": repository,
    "repository.deleted": repository,
    "issues.opened": issue,
    "issues.deleted": issue,
}


def example(event_type: str, now: int) -> JSON:
    """Return the body of an event. `now`: Unix seconds."""
    return event(event_type, OBJECTS[event_type](now), now)
