"""Every call to a service goes through here: limit, breaker, timeouts, log line, error class."""

from typing import TypeVar

from integrations.outbound.answer import Answer
from integrations.outbound.by_httpx import transport
from integrations.outbound.by_requests import request, session, session_of_any_thread
from integrations.outbound.dates import begun, said_at
from integrations.outbound.gate import deadline
from integrations.outbound.keepers import calls, states
from integrations.outbound.sdk import outcome_of, raised

__all__ = [
    "Answer",
    "begun",
    "calls",
    "deadline",
    "guard",
    "outcome_of",
    "raised",
    "request",
    "said_at",
    "session",
    "session_of_any_thread",
    "states",
    "transport",
]

Client = TypeVar("Client")


def guard(client: Client, service: str) -> Client:
    """Return a boto3 client after having its every request pass the gate.

    It raises what `session` does; boto3 itself tries nothing again then.
    """
    # botocore is 20 MB that only R2 needs
    from integrations.outbound.by_boto import pass_gate  # noqa: PLC0415

    pass_gate(client, service)
    return client
