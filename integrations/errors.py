"""What can go wrong with a delivery or a service, and whether trying again can help."""

from typing import Literal

Reason = Literal[
    "missing_header",
    "malformed_header",
    "no_secret_configured",
    "timestamp_too_old",
    "timestamp_in_future",
    "signature_mismatch",
]


class InvalidSignature(Exception):
    """The request was not signed by the service. `reason` is the code that the caller is told."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Transient(Exception):
    """Trying again may help. `retry_after` is the wait in seconds that the service asked for."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Permanent(Exception):
    """Trying again cannot help: the event becomes a dead letter at once."""


class Unreadable(Permanent):
    """The body verifies but is not what the service sends. The message names the field."""
