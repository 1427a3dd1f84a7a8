"""Signatures as Stripe and Svix document them, made here: the product has no part in them.

https://docs.stripe.com/webhooks#verify-manually,
https://docs.svix.com/receiving/verifying-payloads/how-manual.
"""

import time
from base64 import b64decode, b64encode
from hashlib import sha256
from hmac import new as hmac

SIGNATURES = {"stripe": "stripe-signature", "clerk": "svix-signature"}
"""By service, the header that holds the signature."""

_JSON = {"content-type": "application/json"}


def signed(
    at: str, secret: str, body: bytes, *, id: str = "msg_1", age: float = 0
) -> dict[str, str]:
    """Return the headers of a body that was signed so many seconds ago, for `service/endpoint`."""
    service = at.partition("/")[0]
    return with_key(service, key(service, secret), body, id=id, age=age)


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
    made = _stripe if SIGNATURES[service] == "stripe-signature" else _svix
    return _JSON | made(key, stamp, id, body)


def _stripe(key: bytes, stamp: str, _id: str, body: bytes) -> dict[str, str]:
    mac = hmac(key, stamp.encode() + b"." + body, sha256).hexdigest()
    return {"stripe-signature": f"t={stamp},v1={mac}"}


def _svix(key: bytes, stamp: str, id: str, body: bytes) -> dict[str, str]:
    mac = hmac(key, f"{id}.{stamp}.".encode() + body, sha256).digest()
    value = f"v1,{b64encode(mac).decode()}"
    return {"svix-id": id, "svix-timestamp": stamp, "svix-signature": value}
