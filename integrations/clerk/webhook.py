"""Who calls as Clerk (Svix sends for it), and what it says."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from integrations.clerk.envelope import Envelope, Times
from integrations.errors import InvalidSignature, Unreadable
from integrations.interface import WEBHOOK, Delivery, Event, Snapshot
from integrations.schema import parse
from integrations.signature import check_age, text

if TYPE_CHECKING:
    from svix.webhooks import Webhook

# Svix sends its own names, or those of Standard Webhooks
HEADERS = [
    f"{family}-{name}"
    for family in ("svix", "webhook")
    for name in ("id", "timestamp", "signature")
]
ID_HEADERS = ["svix-id", "webhook-id"]


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: float) -> None:
    """Return if one of the secrets signed the body within five minutes of `now`.

    Raises InvalidSignature. https://docs.svix.com/receiving/verifying-payloads/how-manual.
    """
    if not secrets:
        raise InvalidSignature("no_secret_configured")
    if not all(_header(headers, name) for name in ("id", "timestamp", "signature")):
        raise InvalidSignature("missing_header")
    check_age(_timestamp(_header(headers, "timestamp")), now)
    if "," not in _header(headers, "signature"):
        raise InvalidSignature("malformed_header")
    if not any(_signed(body, headers, secret) for secret in secrets):
        raise InvalidSignature("signature_mismatch")


def _header(headers: Mapping[str, str], name: str) -> str:
    return headers.get(f"svix-{name}") or headers.get(f"webhook-{name}") or ""


def _timestamp(header: str) -> float:
    try:
        stamp = float(header)
    except ValueError:
        raise InvalidSignature("malformed_header") from None
    if not math.isfinite(stamp):
        raise InvalidSignature("malformed_header")
    return stamp


def _webhook(secret: str) -> "Webhook":
    from svix.webhooks import Webhook  # noqa: PLC0415  takes most of a second; commands go without

    return Webhook(secret)


def _signed(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    try:
        _webhook(secret).verify(body, dict(headers))
    except Exception:  # noqa: BLE001  hostile input makes it raise ValueError and binascii.Error too
        return False
    return True


def sign(body: bytes, secret: str, now: float, event_id: str) -> dict[str, str]:
    """Return the headers that Svix would send with the body. Raises Unreadable: see `text`."""
    signature = _webhook(secret).sign(event_id, datetime.fromtimestamp(now, UTC), text(body))
    return {
        "svix-id": event_id,
        "svix-timestamp": str(int(now)),
        "svix-signature": signature,
        "content-type": "application/json",
    }


def read(delivery: Delivery) -> Event:
    """Return the event in a verified delivery. Raises Unreadable.

    The body has no id of its own: the sender's message id is the event's
    (clerk docs webhooks/overview).
    """
    payload = parse(delivery.body)
    message_id = next((delivery.headers[h] for h in ID_HEADERS if h in delivery.headers), "")
    envelope = Envelope.read(payload | {"id": message_id})
    changed = Times.read(envelope.data).updated_at
    occurred = envelope.timestamp or changed
    if occurred is None:
        raise Unreadable("Envelope.timestamp: is missing, and so is data.updated_at")
    occurred_at = datetime.fromtimestamp(occurred / 1000, UTC)
    kind = envelope.data.get("object")
    return Event(
        service=delivery.service,
        id=envelope.id,
        type=envelope.type,
        occurred_at=occurred_at,
        snapshot=Snapshot(
            object_type=kind if isinstance(kind, str) else "",
            object=envelope.data,
            clock=max(1, changed or occurred),
            source=WEBHOOK,
            gone_at=occurred_at if envelope.type.endswith(".deleted") else None,
            event_id=envelope.id,
            columns={"instance_id": envelope.instance_id},
        ),
        payload=payload,
    )
