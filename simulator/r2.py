"""What R2 would put into a Cloudflare Queue: notifications about objects in a bucket."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from simulator import signing
from simulator.text import JSON

sign = signing.standard

ACCOUNT = "3f4b7e3dcab231cbfdaa90a6a28bd548"
BUCKET = "example-bucket"


def iso(at: float) -> str:
    """Return a time (Unix seconds) as R2 writes it."""
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")


def stored(_at: int = 0, **changes: Any) -> JSON:
    """Return an object as a notification tells of it."""
    key: str = changes.pop("key", "uploads/Example.png")
    told = {"size": 65536, "eTag": "c846ff7a18f28c2e262116d6e8719ef0"}
    return removed(key) | told | changes


def removed(key: str) -> JSON:
    """Return what is told of an object that is gone."""
    return {"object": "object", "id": f"{BUCKET}/{key}", "bucket": BUCKET, "key": key}


def notification(action: str, obj: JSON, at: float) -> JSON:
    """Return the message about an object. `at`: Unix seconds. It has no id."""
    told = {name: obj[name] for name in ("key", "size", "eTag") if name in obj}
    source = {"bucket": BUCKET, "object": "drafts/Example.png"}
    return {
        "account": ACCOUNT,
        "action": action,
        "bucket": obj["bucket"],
        "object": told,
        "eventTime": iso(at),
    } | ({"copySource": source} if action == "CopyObject" else {})


def _removed(_at: int) -> JSON:
    return removed("uploads/Example.png")


OBJECTS: dict[str, Callable[[int], JSON]] = {
    "PutObject": stored,
    "CopyObject": stored,
    "CompleteMultipartUpload": stored,
    "DeleteObject": _removed,
    "LifecycleDeletion": _removed,
}


def example(event_type: str, now: int) -> JSON:
    """Return a realistic message. `now`: Unix seconds. Raises KeyError for an unknown action."""
    return notification(event_type, OBJECTS[event_type](now), now)
