"""Signatures as Stripe and Standard Webhooks document them: the product has no part in them.

https://docs.stripe.com/webhooks#verify-manually,
https://docs.svix.com/receiving/verifying-payloads/how-manual, whose headers have its own names.
"""

import time
from base64 import b64decode, b64encode
from hashlib import sha256
from hmac import new as hmac

SIGNATURES = {
    "stripe": "stripe-signature",
    "clerk": "svix-signature",
    **dict.fromkeys(["loops", "posthog", "r2"], "webhook-signature"),
}
"""By service, the header that holds the signature."""
SHARED = "x-webhook-secret"
"""The header that holds PostHog's other kind of secret, which nothing is signed with."""

_JSON = {"content-type": "application/json"}


def signed(
    at: str, secret: str, body: bytes, *, id: str = "msg_1", age: float = 0
) -> dict[str, str]:
    """Return the headers of a body that was signed so many seconds ago, for `service/endpoint`."""
    service = at.partition("/")[0]
    if is_shared(at, secret):
        return _JSON | {SHARED: secret}
    return with_key(service, key(service, secret), body, id=id, age=age)


def is_shared(at: str, secret: str) -> bool:
    """Return whether the secret itself is sent along there."""
    return at.startswith("posthog") and not secret.startswith("whsec_")


def key(service: str, secret: str) -> bytes:
    """Return the bytes that a secret stands for: itself, or what its base64 says."""
    if SIGNATURES[service] == "stripe-signature":
        return secret.encode()
    return b64decode(secret.removeprefix("whsec_"))


def with_key(
    service: str, key: bytes, body: bytes, *, id: str = "msg_1", age: float = 0
) -> dict[str, str]:
    """Return the headers of a body that was signed with these bytes."""
    stamp = str(int(time.time() - age))
    family = SIGNATURES[service].partition("-")[0]
    if family == "stripe":
        return _JSON | _stripe(key, stamp, body)
    return _JSON | {f"{family}-{part}": v for part, v in _standard(key, stamp, id, body).items()}


def _stripe(key: bytes, stamp: str, body: bytes) -> dict[str, str]:
    mac = hmac(key, stamp.encode() + b"." + body, sha256).hexdigest()
    return {"stripe-signature": f"t={stamp},v1={mac}"}


def _standard(key: bytes, stamp: str, id: str, body: bytes) -> dict[str, str]:
    mac = hmac(key, f"{id}.{stamp}.".encode() + body, sha256).digest()
    value = f"v1,{b64encode(mac).decode()}"
    return {"id": id, "timestamp": stamp, "signature": value}
