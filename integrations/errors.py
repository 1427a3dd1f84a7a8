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
    """Trying again may help. `retry_after` is the wait in seconds that the service asked for.

    `unknown` says that the service may have done what it was asked: it was cut off before its
    answer came, or answered that it does not know.
    """

    def __init__(
        self, message: str, *, retry_after: float | None = None, unknown: bool = False
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.unknown = unknown


class Deferred(Exception):
    """Nothing was tried, and no attempt is spent: not before `wait` seconds have passed.

    A limit is spent, a breaker is open, or what must be known is not known yet.
    """

    def __init__(self, message: str, *, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


class Blocked(Deferred):
    """The service takes no call at the moment: a limit is spent, or its breaker is open.

    What else waits for the same service waits too.
    """


class Permanent(Exception):
    """Trying again cannot help: the event becomes a dead letter at once."""


class Unreadable(Permanent):
    """The body verifies but is not what the service sends. The message names the field."""
