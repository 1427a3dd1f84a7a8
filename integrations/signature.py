"""What the signature schemes share: what is signed, and how old a signed request may be."""

from integrations.errors import InvalidSignature, Unreadable

# seconds: Stripe's default (SDK stripe/_webhook.py), and all that Svix knows (standardwebhooks)
TOLERANCE = 300


def check_age(stamp: float, now: float) -> None:
    """Return if the stamp is within five minutes of now. Raises InvalidSignature."""
    if stamp < now - TOLERANCE:
        raise InvalidSignature("timestamp_too_old")
    if stamp > now + TOLERANCE:
        raise InvalidSignature("timestamp_in_future")


def text(body: bytes) -> str:
    """Return what is signed. Raises Unreadable where it is not UTF-8: no library signs such."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Unreadable("the body is not UTF-8") from None
