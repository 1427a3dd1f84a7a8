"""Who calls as GitHub, and what it says.

https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from integrations.errors import InvalidSignature
from integrations.github import schemas
from integrations.interface import Delivery, Event, Snapshot
from integrations.schema import JSON, parse
from integrations.signature import text

SIGNATURE = "x-hub-signature-256"
KEPT_HEADERS = ["x-github-delivery", "x-github-event"]
HEADERS = [SIGNATURE, *KEPT_HEADERS]
_OBJECTS = {"issues": "issue", "repository": "repository"}
"""The object that an event is about, by the event's name; of others nothing is kept."""


def verify(
    body: bytes,
    headers: Mapping[str, str],
    secrets: Sequence[str],
    now: float,  # noqa: ARG001  GitHub signs no time
) -> None:
    """Return if one of the secrets signed the body. Raises InvalidSignature.

    GitHub signs no time: a delivery that was overheard passes for ever, and its id is not signed
    either. https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    """
    if not secrets:
        raise InvalidSignature("no_secret_configured")
    signature = headers.get(SIGNATURE)
    if not signature:
        raise InvalidSignature("missing_header")
    if not re.fullmatch("sha256=[0-9a-f]{64}", signature):
        raise InvalidSignature("malformed_header")
    if not any(hmac.compare_digest(_signature(body, s), signature) for s in secrets if s):
        raise InvalidSignature("signature_mismatch")


def _signature(body: bytes, secret: str) -> str:
    key = secret.encode(errors="replace")
    return f"sha256={hmac.new(key, body, sha256).hexdigest()}"


def sign(
    body: bytes,
    secret: str,
    now: float,  # noqa: ARG001  GitHub signs no time
    event_id: str,
) -> dict[str, str]:
    """Return the headers that GitHub would send with the body of one of our examples.

    Raises Unreadable for a body that is not UTF-8, which GitHub does not send.
    """
    return {
        SIGNATURE: _signature(text(body).encode(), secret),
        "x-github-delivery": event_id,
        "x-github-event": "issues" if b'"issue":' in body else "repository",
        "content-type": "application/json",
    }


def read(delivery: Delivery) -> Event:
    """Return the event in a verified delivery. Raises Unreadable.

    No event has a time: it is its object's time of change, and else when the delivery came.
    """
    payload = parse(delivery.body)
    id, name = (delivery.headers.get(header) for header in KEPT_HEADERS)
    told = schemas.Envelope.read(payload | {"id": id, "event": name})
    kind = _OBJECTS.get(told.event, "")
    obj: JSON = payload.get(kind) or {}
    changed = schemas.Times.read(obj).updated_at if kind else None
    occurred_at = changed or delivery.received_at.astimezone(UTC)
    return Event(
        service=delivery.service,
        id=told.id,
        type=f"{told.event}.{told.action}" if told.action else told.event,
        occurred_at=occurred_at,
        snapshot=Snapshot(
            object_type=kind,
            object=obj,
            clock=_milliseconds(occurred_at),
            source="webhook",
            gone_at=occurred_at if told.action == "deleted" else None,
            event_id=told.id,
        ),
        payload=payload,
    )


def _milliseconds(time: datetime) -> int:
    return max(1, int(time.timestamp() * 1000))
