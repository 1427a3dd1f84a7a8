"""Who calls as Stripe, and what it says."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from stripe import WebhookSignature

from integrations.errors import InvalidSignature
from integrations.interface import WEBHOOK, Delivery, Event, Snapshot
from integrations.schema import JSON, parse
from integrations.signature import TOLERANCE, check_age, text
from integrations.stripe import schemas

HEADER = "stripe-signature"
SUMMARY = "entitlements.active_entitlement_summary"


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: float) -> None:
    """Return if one of the secrets signed the body within five minutes of `now`.

    Raises InvalidSignature. https://docs.stripe.com/webhooks#verify-manually.
    """
    if not secrets:
        raise InvalidSignature("no_secret_configured")
    header = headers.get(HEADER)
    if not header:
        raise InvalidSignature("missing_header")
    check_age(_timestamp(header), now)  # the SDK looks at the past only
    if not any(_signed(body, header, secret) for secret in secrets):
        raise InvalidSignature("signature_mismatch")


def _timestamp(header: str) -> int:
    pairs = [part.partition("=")[::2] for part in header.split(",")]
    try:
        stamp = next(int(value) for name, value in pairs if name == "t")
    except (StopIteration, ValueError):
        raise InvalidSignature("malformed_header") from None
    if not any(name == "v1" for name, _ in pairs):
        raise InvalidSignature("malformed_header")
    return stamp


def _signed(body: bytes, header: str, secret: str) -> bool:
    try:
        return bool(WebhookSignature.verify_header(body, header, secret, TOLERANCE))
    except Exception:  # noqa: BLE001  hostile input makes it raise TypeError and UnicodeDecodeError too
        return False


def sign(body: bytes, secret: str, now: float, event_id: str) -> dict[str, str]:  # noqa: ARG001  Stripe signs no id
    """Return the headers that Stripe would send with the body. Raises Unreadable: see `text`."""
    header = WebhookSignature.generate_signature_header(text(body), secret, int(now))
    return {HEADER: header, "content-type": "application/json; charset=utf-8"}


def read(delivery: Delivery) -> Event:
    """Return the event in a verified delivery. Raises Unreadable."""
    payload = parse(delivery.body)
    envelope = schemas.Envelope.read(payload)
    value = _identified(envelope.data.object)
    kind = value.get("object")
    account = envelope.account or ""
    columns = {
        "account": account,
        "livemode": envelope.livemode,
        "api_version": envelope.api_version,
    }
    return Event(
        service=delivery.service,
        id=envelope.id,
        type=envelope.type,
        occurred_at=envelope.created,
        snapshot=Snapshot(
            object_type=kind if isinstance(kind, str) and value.get("id") is not None else "",
            object=value,
            clock=_clock(kind, value, envelope.created),
            source=WEBHOOK,
            gone_at=envelope.created if _gone(envelope.type, kind, value) else None,
            event_id=envelope.id,
            columns=columns,
        ),
        payload=payload,
        account=account,
        livemode=envelope.livemode,
    )


def _identified(value: JSON) -> JSON:
    """Return the object, with an id: a summary of entitlements is its customer's, and has none.

    SDK entitlements/_active_entitlement_summary.py. What else has none, such as the preview of an
    invoice, is no object that could be kept.
    """
    customer = value.get("customer")
    if value.get("object") != SUMMARY or customer is None:
        return value
    return {**value, "id": customer.get("id") if isinstance(customer, dict) else customer}


def _clock(kind: object, value: JSON, created: datetime) -> int:
    """Return the object's own time of change, which of our objects only products have."""
    changed = schemas.Times.read(value).updated if kind == "product" else None
    return max(1, int((changed or created).timestamp() * 1000))


def _gone(event_type: str, kind: object, value: JSON) -> bool:
    """Return whether Stripe has forgotten the object; ended subscriptions can still be fetched."""
    return value.get("deleted") is True or (
        event_type.endswith(".deleted") and kind != "subscription"
    )
