"""What a status or an error means: can trying again help, and what may have been done already?

| answer | raised | `unknown`: may it have been done? |
|---|---|---|
| 425, 429 | Transient | no: refused before anything was done (RFC 8470, RFC 6585) |
| 408, 409 | Transient | yes: a proxy's 408, and Stripe's 409, say that one is under way |
| 5xx, also 503 with `Retry-After` | Transient | yes: a proxy may say it of what has been done |
| no connection, no valid certificate | Transient | no: nothing was sent |
| anything that happens later | Transient | yes: cut off before the answer was whole |
| any other 4xx, and 3xx | Permanent | no |
"""

import socket
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError

from integrations.errors import Transient

LONGEST_WAIT = 3600.0  # seconds: more than that is believed of nobody
UNASKED_WAIT = 1.0  # after a 429 that does not say how long

_REFUSED = {425, 429}
_TRANSIENT = _REFUSED | {408, 409}
_UNSENT = (
    ConnectTimeoutError,
    NewConnectionError,
    ProxyError,
    ssl.SSLCertVerificationError,
    ConnectionRefusedError,
    socket.gaierror,
)
_UNSENT_BY_HTTPX = {"ConnectError", "ConnectTimeout"}  # by name: httpx is not everybody's


def transient(status: int) -> bool:
    """Return whether trying again may help."""
    return status in _TRANSIENT or status >= 500


def failure(name: str, status: int, headers: Mapping[str, str], now: datetime) -> Transient:
    """Return the error that a transient status is; `name` says of which call."""
    return Transient(
        f"{name} answered {status}",
        retry_after=retry_after(headers, now),
        unknown=status not in _REFUSED,
    )


def cut(name: str, error: BaseException) -> Transient:
    """Return the error that a call without a whole answer is.

    The library's own message is left out: it holds the address, and that perhaps a key.
    """
    unknown = not any(_unsent(cause) for cause in _causes(error))
    what = "no whole answer" if unknown else "no connection"
    return Transient(f"{name}: {what} ({type(error).__name__})", unknown=unknown)


def _unsent(error: BaseException) -> bool:
    return isinstance(error, _UNSENT) or type(error).__name__ in _UNSENT_BY_HTTPX


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` asks for, at most an hour; None without a sound one.

    It holds seconds or an HTTP date: RFC 9110, 10.2.3.
    """
    value = headers.get("Retry-After", "").strip()
    seconds = float(value) if value.isdecimal() and value.isascii() else _until(value, now)
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_WAIT)


def _until(date: str, now: datetime) -> float | None:
    try:
        then = parsedate_to_datetime(date)
        if then.tzinfo is None:
            then = then.replace(tzinfo=UTC)
        return (then - now).total_seconds()
    except (ValueError, OverflowError):
        return None


def held_for(status: int, asked: float | None) -> float:
    """Return for how many seconds nobody shall call, because of one answer.

    Only 429 and 503 speak for the whole service.
    """
    if status == 429:
        return UNASKED_WAIT if asked is None else asked
    return asked or 0.0 if status == 503 else 0.0
