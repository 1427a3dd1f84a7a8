"""Who calls as PostHog's HTTP webhook destination, and what it says.

PostHog signs by Standard Webhooks where the destination has a signing secret (PostHog/posthog
nodejs/src/cdp/utils/standard-webhooks.ts). Where it has none, a header of the destination holds a
secret that both know. PostHog tries three times within seconds (nodejs/src/cdp/utils/cdp-fetch.ts).
"""

import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256

from integrations import standard_webhooks
from integrations.errors import InvalidSignature
from integrations.interface import Delivery, Event, Snapshot
from integrations.posthog import schemas
from integrations.schema import JSON, parse

SHARED = "x-webhook-secret"
HEADERS = [*standard_webhooks.HEADERS, SHARED, "authorization"]
ID_HEADERS = standard_webhooks.ID_HEADERS

SIGNS = standard_webhooks.PREFIX
SHORTEST = 16  # characters of a shared secret: what is shorter can be guessed


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: float) -> None:
    """Return if a secret signed the body within five minutes of `now`, or came along in a header.

    Those that begin with `whsec_` sign, and only they; the others are shared. Raises
    InvalidSignature.
    """
    if not secrets:
        raise InvalidSignature("no_secret_configured")
    offered = _offered(headers)
    if any(_shared(secret, offered) for secret in secrets):
        return
    if offered and "webhook-signature" not in headers:
        raise InvalidSignature("signature_mismatch")
    signing = [secret for secret in secrets if secret.startswith(SIGNS)]
    standard_webhooks.verify(body, headers, signing or [SIGNS], now)  # alone it is no key


def _offered(headers: Mapping[str, str]) -> list[bytes]:
    bearer = headers.get("authorization", "").removeprefix("Bearer ")
    return [one.encode(errors="replace") for one in (headers.get(SHARED, ""), bearer) if one]


def _shared(secret: str, offered: Sequence[bytes]) -> bool:
    if secret.startswith(SIGNS) or len(secret) < SHORTEST:
        return False
    known = secret.encode(errors="replace")
    return any(hmac.compare_digest(known, one) for one in offered)


def sign(body: bytes, secret: str, now: float, event_id: str) -> dict[str, str]:
    """Return the headers that PostHog would send: signed, or with the secret that is shared."""
    if secret.startswith(SIGNS):
        return standard_webhooks.sign(body, secret, now, event_id)
    return {SHARED: secret, "content-type": "application/json"}


def read(delivery: Delivery) -> Event:
    """Return the event in a verified delivery. Raises Unreadable.

    The event's uuid is its id. A template that leaves it out gives what repeats a delivery's id,
    or else its bytes.
    """
    payload = parse(delivery.body)
    told = _event_in(payload)
    event = schemas.Told.read(told)
    id = event.uuid or standard_webhooks.message_id(delivery.headers) or _of_bytes(delivery.body)
    occurred_at = event.timestamp or delivery.received_at
    return Event(
        service=delivery.service,
        id=id,
        type=event.event,
        occurred_at=occurred_at,
        snapshot=Snapshot(
            object_type="event",
            object=told,
            clock=max(1, int(occurred_at.timestamp() * 1000)),
            source="webhook",
            event_id=id,
        ),
        payload=payload,
    )


def _event_in(payload: JSON) -> JSON:
    """Return the event of a body, which is it itself where a template makes it flat."""
    event = payload.get("event")
    return event if isinstance(event, dict) else payload


def _of_bytes(body: bytes) -> str:
    return f"sha256:{sha256(body).hexdigest()}"
