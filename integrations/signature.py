"""What the signature schemes share: how old a signed request may be."""

from integrations.errors import InvalidSignature

# seconds: Stripe's default (SDK stripe/_webhook.py), and all that Svix knows (standardwebhooks)
TOLERANCE = 300


def check_age(stamp: float, now: float) -> None:
    """Return if the stamp is within five minutes of now. Raises InvalidSignature."""
    if stamp < now - TOLERANCE:
        raise InvalidSignature("timestamp_too_old")
    if stamp > now + TOLERANCE:
        raise InvalidSignature("timestamp_in_future")
