"""Who calls as Clerk (Svix sends for it), and what it says."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from integrations import standard_webhooks
from integrations.clerk.envelope import Envelope, Times
from integrations.errors import Unreadable
from integrations.interface import WEBHOOK, Delivery, Event, Snapshot
from integrations.schema import parse

# Svix sends its own names, or those of Standard Webhooks
FAMILIES = ("svix", "webhook")
HEADERS = [f"{family}-{part}" for family in FAMILIES for part in standard_webhooks.PARTS]
ID_HEADERS = ["svix-id", "webhook-id"]


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: float) -> None:
    """Return if one of the secrets signed the body within five minutes of `now`.

    Raises InvalidSignature. https://docs.svix.com/receiving/verifying-payloads/how-manual.
    """
    standard_webhooks.verify(body, headers, secrets, now, FAMILIES)


def sign(body: bytes, secret: str, now: float, event_id: str) -> dict[str, str]:
    """Return the headers that Svix would send with the body. Raises as `standard_webhooks.sign`."""
    return standard_webhooks.sign(body, secret, now, event_id, FAMILIES[0])


def read(delivery: Delivery) -> Event:
    """Return the event in a verified delivery. Raises Unreadable.

    The body has no id of its own: the sender's message id is the event's
    (clerk docs webhooks/overview).
    """
    payload = parse(delivery.body)
    message_id = standard_webhooks.message_id(delivery.headers, FAMILIES)
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
