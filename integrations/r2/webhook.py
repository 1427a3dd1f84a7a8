"""What R2 tells, by a Worker of yours that hands on what the Queue has, or pulled from that.

The Worker signs by Standard Webhooks; docs/r2.md has it.
"""

from datetime import UTC, datetime
from hashlib import sha256

from integrations import standard_webhooks
from integrations.interface import Delivery, Event, Snapshot
from integrations.r2 import schemas
from integrations.schema import JSON, dump, parse
from settings import settings

ARCHIVE = "tallyman/events/"
"""Where the archive's own objects are, of which there is nothing to tell."""
DELETIONS = frozenset({"DeleteObject", "LifecycleDeletion"})
_TELLS = ("size", "eTag")


def read(delivery: Delivery) -> Event:
    """Return the event in a verified delivery, or in one pulled from the Queue. Raises Unreadable.

    Its id is the Worker's message id; one that was pulled has the same, by `notification_id`.
    """
    payload = parse(delivery.body)
    sent_id = standard_webhooks.message_id(delivery.headers)
    if "action" not in payload and "metadata" in payload:
        return _other(delivery, payload)
    told = schemas.Notification.read(payload)
    snapshot = Snapshot(
        object_type="object" if mirrored(told.object.key) else "",
        object=_object(payload),
        clock=_clock(told.event_time),
        source="webhook",
        gone_at=told.event_time if told.action in DELETIONS else None,
        event_id=sent_id or notification_id(payload),
    )
    return _event(delivery, payload, told.action, told.event_time, snapshot)


def notification_id(payload: JSON) -> str:
    """Return what a notification is told apart by, however often and on whatever way it comes.

    It has no id of its own: this is the SHA-256, in hex, of what the Worker's
    `JSON.stringify([bucket, object.key, action, object.eTag ?? "", eventTime])` gives.
    """
    obj = payload["object"]
    parts = [payload["bucket"], obj["key"], payload["action"], obj.get("eTag") or ""]
    return sha256(dump([*parts, payload["eventTime"]]).encode()).hexdigest()


def mirrored(key: str) -> bool:
    """Return whether an object of that key has a row: R2_PREFIXES says so; the archive has none."""
    prefixes = settings().r2.r2_prefixes
    return not key.startswith(ARCHIVE) and (not prefixes or key.startswith(prefixes))


def reference(bucket: str, key: str) -> JSON:
    """Return what names an object; our id of it is the path."""
    return {"object": "object", "id": f"{bucket}/{key}", "bucket": bucket, "key": key}


def _object(payload: JSON) -> JSON:
    obj = payload["object"]
    told = {name: obj[name] for name in _TELLS if name in obj}
    return reference(payload["bucket"], obj["key"]) | told


def _clock(moment: datetime) -> int:
    return max(1, int(moment.timestamp() * 1000))


def _other(delivery: Delivery, payload: JSON) -> Event:
    """Return an event of a subscription to the same Queue, which nothing here is about.

    The id that the Worker gives it is of its bytes, whose order nobody promises.
    """
    told = schemas.OtherEvent.read(payload)
    id = sha256(dump(payload).encode()).hexdigest()
    at = told.metadata.event_timestamp
    return _event(
        delivery, payload, told.type, at, Snapshot("", {}, _clock(at), "webhook", event_id=id)
    )


def _event(delivery: Delivery, payload: JSON, type: str, at: datetime, snapshot: Snapshot) -> Event:
    return Event(
        service=delivery.service,
        id=snapshot.event_id or "",
        type=type,
        occurred_at=at.astimezone(UTC),
        snapshot=snapshot,
        payload=payload,
    )
