"""When a service can have made its answer, by its own clock."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from integrations.errors import Transient

_BEHIND: dict[str, float] = {}


def said_at(headers: Mapping[str, str]) -> datetime:
    """Return the `Date` of an answer, in UTC (RFC 9110, 5.6.7). Raises Transient without one."""
    try:
        return parsedate_to_datetime(headers["date"]).replace(tzinfo=UTC)
    except (KeyError, ValueError):
        raise Transient("it was answered without a Date", unknown=True) from None


def begun(headers: Mapping[str, str], seconds: float) -> int:
    """Return the time before which an answer cannot have been made, in milliseconds since 1970.

    That is its `Date`, in whole seconds (RFC 9110, 6.6.1), less the seconds that the call took,
    rounded down to one: so it never stands above what is told later. Raises Transient for an
    answer that has none.
    """
    return max(1, int(said_at(headers).timestamp() - seconds)) * 1000


def heard(service: str, headers: Mapping[str, str]) -> None:
    """Remember how the service's clock stands against ours, for this process."""
    named = {name.lower(): value for name, value in headers.items()}
    with suppress(Transient):
        _BEHIND[service] = (datetime.now(UTC) - said_at(named)).total_seconds()


def behind(service: str) -> float | None:
    """Return by how many seconds its clock was behind ours at the last answer, None without one.

    A `Date` is of whole seconds, and some time old when it comes: two seconds say nothing.
    """
    return _BEHIND.get(service)
