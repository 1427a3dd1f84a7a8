"""Standard Webhooks, as Clerk, Loops, PostHog, our Worker for R2 and we ourselves sign.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

from integrations.errors import InvalidSignature
from integrations.signature import check_age, text

PARTS = ("id", "timestamp", "signature")
HEADERS = [f"webhook-{part}" for part in PARTS]
ID_HEADERS = ["webhook-id"]
FAMILY = ("webhook",)
PREFIX = "whsec_"
SHORTEST = 16  # bytes of a key; the specification asks for 24 of who makes one


class BadSecretError(Exception):
    """Nothing can be signed with the secret."""


def verify(
    body: bytes,
    headers: Mapping[str, str],
    secrets: Sequence[str],
    now: float,
    families: Sequence[str] = FAMILY,
) -> None:
    """Return if one of the secrets signed the body within five minutes of `now` (Unix seconds).

    `families` are what the headers' names may begin with, the first that is sent counts. Raises
    InvalidSignature.
    """
    if not secrets:
        raise InvalidSignature("no_secret_configured")
    sent = {f"webhook-{part}": _header(headers, part, families) for part in PARTS}
    if not all(sent.values()):
        raise InvalidSignature("missing_header")
    check_age(_timestamp(sent["webhook-timestamp"]), now)
    if "," not in sent["webhook-signature"]:
        raise InvalidSignature("malformed_header")
    if not any(_signed(body, sent, secret) for secret in secrets):
        raise InvalidSignature("signature_mismatch")


def message_id(headers: Mapping[str, str], families: Sequence[str] = FAMILY) -> str:
    """Return the message's id, the one that is signed; '' where there is none."""
    return _header(headers, "id", families)


def sign(
    body: bytes, secret: str, now: float, event_id: str, family: str = "webhook"
) -> dict[str, str]:
    """Return the headers that belong to the body. Raises BadSecretError, and Unreadable
    for a body that is not UTF-8.
    """
    moment = datetime.fromtimestamp(int(now), UTC)
    values = (event_id, str(int(now)), _key(secret).sign(event_id, moment, text(body)))
    named = {f"{family}-{part}": value for part, value in zip(PARTS, values, strict=True)}
    return named | {"content-type": "application/json"}


def _key(secret: str) -> Webhook:
    try:
        key = base64.b64decode(f"{secret.removeprefix(PREFIX)}==")  # what is padded too much passes
    except ValueError:
        key = b""
    if len(key) < SHORTEST:
        raise BadSecretError(f"the secret is no key: it is whsec_ and {SHORTEST} bytes in base64")
    return Webhook(key)


def _header(headers: Mapping[str, str], part: str, families: Sequence[str]) -> str:
    found: Iterator[str] = (headers.get(f"{family}-{part}", "") for family in families)
    return next(filter(None, found), "")


def _timestamp(header: str) -> float:
    try:
        stamp = float(header)
    except ValueError:
        raise InvalidSignature("malformed_header") from None
    if not math.isfinite(stamp):
        raise InvalidSignature("malformed_header")
    return stamp


def _signed(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    try:
        _key(secret).verify(body, dict(headers), json_parse=False)
    except Exception:  # noqa: BLE001  hostile input makes it raise ValueError and binascii.Error too
        return False
    return True
