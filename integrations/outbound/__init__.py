"""Every call to a service goes through here: limit, breaker, timeouts, log line, error class.

The ways to call are imported by who calls: the receiver only asks what came of calls.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from integrations.outbound.answer import Answer
from integrations.outbound.dates import begun, behind, said_at
from integrations.outbound.gate import deadline
from integrations.outbound.keepers import calls, lately, states
from integrations.outbound.sdk import outcome_of, raised

if TYPE_CHECKING:
    from integrations.outbound.by_httpx import transport
    from integrations.outbound.by_requests import request, session, session_of_any_thread

__all__ = [
    "Answer",
    "begun",
    "behind",
    "calls",
    "deadline",
    "guard",
    "lately",
    "outcome_of",
    "raised",
    "request",
    "said_at",
    "session",
    "session_of_any_thread",
    "states",
    "transport",
]

_WAYS = {
    "transport": "by_httpx",
    "request": "by_requests",
    "session": "by_requests",
    "session_of_any_thread": "by_requests",
}

Client = TypeVar("Client")


def __getattr__(name: str) -> Any:
    """Return what a way to call offers, importing it. Raises AttributeError."""
    if name not in _WAYS:
        raise AttributeError(name)
    return getattr(import_module(f"integrations.outbound.{_WAYS[name]}"), name)


def guard(client: Client, service: str) -> Client:
    """Return a boto3 client after having its every request pass the gate.

    It raises what `session` does; boto3 itself tries nothing again then.
    """
    # botocore is 20 MB that only R2 needs
    from integrations.outbound.by_boto import pass_gate  # noqa: PLC0415

    pass_gate(client, service)
    return client
