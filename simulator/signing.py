"""How each service signs, by the libraries that the services themselves publish."""

from collections.abc import Callable
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook
from stripe import WebhookSignature

Sign = Callable[[bytes, str, float, str], dict[str, str]]
"""(body, secret, Unix seconds, event id) -> headers. Raises ValueError where nothing can sign:
for a body that is not UTF-8, or a secret that is no key."""

_JSON = {"content-type": "application/json"}
_SIGNS = "whsec_"


def stripe(body: bytes, secret: str, at: float, _event_id: str) -> dict[str, str]:
    """Return Stripe's headers: its library makes the signature (SDK stripe/_webhook.py)."""
    header = WebhookSignature.generate_signature_header(body.decode(), secret, int(at))
    return {"stripe-signature": header, "content-type": "application/json; charset=utf-8"}


def svix(body: bytes, secret: str, at: float, event_id: str) -> dict[str, str]:
    """Return Svix's headers, who sends for Clerk (https://docs.svix.com/receiving)."""
    return _standard("svix", body, secret, at, event_id)


def standard(body: bytes, secret: str, at: float, event_id: str) -> dict[str, str]:
    """Return the headers of the Standard Webhooks, as Loops and our Worker for R2 send them."""
    return _standard("webhook", body, secret, at, event_id)


def shared_or_standard(body: bytes, secret: str, at: float, event_id: str) -> dict[str, str]:
    """Return PostHog's headers: signed, or with the secret that is shared."""
    if secret.startswith(_SIGNS):
        return standard(body, secret, at, event_id)
    return {"x-webhook-secret": secret} | _JSON


def both(old: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    """Return the headers of who signs with two secrets while one replaces the other.

    Stripe repeats `v1=...` in its header, Standard Webhooks list signatures between spaces.
    """
    joined = dict(new)
    for name, value in old.items():
        if name == "stripe-signature":
            joined[name] = f"{new[name]},{value.partition(',')[2]}"
        elif name.endswith("-signature"):
            joined[name] = f"{value} {new[name]}"
    return joined


def _standard(family: str, body: bytes, secret: str, at: float, event_id: str) -> dict[str, str]:
    moment = datetime.fromtimestamp(int(at), UTC)
    signature = Webhook(secret).sign(event_id, moment, body.decode())
    named = {"id": event_id, "timestamp": str(int(at)), "signature": signature}
    return {f"{family}-{part}": value for part, value in named.items()} | _JSON
