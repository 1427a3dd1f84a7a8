"""The Cloudflare Queue that R2's notifications go into, pulled over its HTTP API.

https://developers.cloudflare.com/queues/configuration/pull-consumers/. The official SDK is large,
and an optional extra: it is imported when it is needed first.
"""

import base64
import binascii
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from integrations import outbound
from integrations.errors import Permanent, Transient
from settings import settings

if TYPE_CHECKING:
    from cloudflare import Cloudflare

BATCH = 100  # messages: the most that a pull gives
HELD_SECONDS = 60  # after so long what was not acknowledged is delivered again
_ENCODED = ("json", "bytes")


@dataclass(frozen=True, slots=True)
class Message:
    """What was pulled: the body, and the lease by which it is acknowledged."""

    lease: str
    body: bytes


def on() -> bool:
    """Return whether all that is needed to pull is set."""
    return settings().r2.pulls


def pull(count: int = BATCH) -> list[Message]:
    """Return up to so many messages, which nobody else gets for a while. Does not wait.

    Raises Transient, Permanent, Deferred.
    """
    with _calling("pull"):
        found = client().queues.messages.pull(
            settings().r2.cloudflare_queue_id,
            account_id=settings().r2.cloudflare_account_id,
            batch_size=count,
            visibility_timeout_ms=HELD_SECONDS * 1000,
        )
    messages = (found.messages if found else None) or []
    return [
        Message(m.lease_id, _body(m.body or "", _content_type(m.metadata)))
        for m in messages
        if m.lease_id
    ]


def acknowledge(leases: Sequence[str]) -> None:
    """Tell the queue that these are kept; one that it does not hear of comes again.

    Raises Transient, Permanent, Deferred.
    """
    with _calling("ack"):
        client().queues.messages.ack(
            settings().r2.cloudflare_queue_id,
            account_id=settings().r2.cloudflare_account_id,
            acks=[{"lease_id": lease} for lease in leases],
        )


def client() -> "Cloudflare":
    """Return the SDK's client of this process. Raises Permanent where it is not installed."""
    token, calls = settings().r2.cloudflare_api_token, settings().outbound
    return _made(token.get_secret_value(), calls.call_connect_seconds, calls.call_read_seconds)


@cache
def _made(token: str, connect: float, read: float) -> "Cloudflare":
    try:
        import cloudflare  # noqa: PLC0415  an extra
        import httpx  # noqa: PLC0415  comes with it
    except ImportError:
        raise Permanent(
            "CLOUDFLARE_QUEUE_ID is set, but the package cloudflare is not installed. "
            "Next: pip install 'cloudflare>=5.9,<6', or have a Worker push instead (docs/r2.md)"
        ) from None
    timeout = httpx.Timeout(read, connect=connect)
    through = httpx.Client(transport=outbound.transport("cloudflare"), timeout=timeout)
    return cloudflare.Cloudflare(
        api_token=token, timeout=timeout, max_retries=0, http_client=through
    )


def _calling(what: str) -> AbstractContextManager[None]:
    """Return a block in which what goes wrong with a call is Transient, Permanent or Deferred."""
    return outbound.outcome_of(partial(_meant, what))


def _meant(what: str, error: Exception) -> Exception:
    """Return what an error of the SDK means; one without a status is half an answer."""
    status = getattr(error, "status_code", None)
    said = f"cloudflare queues.{what}: {type(error).__name__}"
    return Transient(said) if status is None else Permanent(f"{said} ({status})")


def _content_type(metadata: object) -> str:
    found = metadata.get("CF-Content-Type") if isinstance(metadata, dict) else None
    return str(found or "json")


def _body(body: str, content_type: str) -> bytes:
    """Return the bytes: json and bytes come in base64, text as it is.

    An example in the documentation shows json that is not: what is no base64 is taken as it is.
    """
    if content_type in _ENCODED:
        try:
            return base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError):
            pass
    return body.encode()
