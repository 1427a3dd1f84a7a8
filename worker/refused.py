"""The latest requests that were refused, as the receiver noted them."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from integrations import INTEGRATIONS
from worker.findings import told
from worker.inbox import redis

REFUSED = "tallyman:refused"
CLOCK = ("timestamp_too_old", "timestamp_in_future")
JUDGED = ("signature_mismatch", "no_secret_configured", *CLOCK)
"""Those that a service's own requests end with. Without its header, nobody's in particular do."""


def listed(service: str, reason: str) -> str:
    """Return the stream of a refusal: the internet's noise is not to drive out what says much.

    >>> listed("stripe", "missing_header"), listed("stripe", "signature_mismatch")
    ('tallyman:refused', 'tallyman:refused:stripe')
    """
    return f"{REFUSED}:{service}" if reason in JUDGED else REFUSED


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused request. `headers` are names, `size` is that of the body in bytes."""

    time: datetime
    service: str
    endpoint: str
    reason: str
    address: str
    headers: str
    size: int
    finding: str = ""
    of: str = ""
    number: int = 0

    @property
    def words(self) -> str:
        """Return in a sentence what the signature doctor found, or else what the reason says."""
        return self._told()[0]

    @property
    def mend(self) -> str:
        """Return what mends it, '' where nobody knows."""
        return self._told()[1]

    def _told(self) -> tuple[str, str]:
        named = f"__{self.endpoint.upper()}" if self.endpoint else ""
        variable = f"{self.service.upper()}_WEBHOOK_SECRETS{named}"
        return told(self.finding, self.reason, self.of, self.number, variable)


@dataclass(frozen=True, slots=True)
class Alike:
    """Refusals that are alike: the last of them, how many, and the addresses they came from."""

    last: Refusal
    count: int
    addresses: tuple[str, ...]
    more: int


def grouped(refusals: Sequence[Refusal], addresses: int = 3) -> list[Alike]:
    """Return refusals with those that are alike together, in the order of the last of each."""
    found: dict[tuple[str, ...], list[Refusal]] = {}
    for one in refusals:
        key = (one.service, one.endpoint, one.reason, one.finding, one.of)
        found.setdefault(key, []).append(one)
    return [_alike(alike, addresses) for alike in found.values()]


def _alike(refusals: Sequence[Refusal], most: int) -> Alike:
    senders = tuple(dict.fromkeys(one.address for one in refusals))
    return Alike(refusals[0], len(refusals), senders[:most], max(0, len(senders) - most))


def latest(limit: int, service: str | None = None) -> list[Refusal]:
    """Return the latest refusals, newest first."""
    noise: Any = redis().xrevrange(REFUSED, count=None if service else limit)
    found = [one for one in _read(noise) if service in {None, one.service}]
    for name in [service] if service else INTEGRATIONS:
        found += judged(name, limit)
    return sorted(found, key=lambda one: one.time, reverse=True)[:limit]


def judged(service: str, limit: int) -> list[Refusal]:
    """Return the latest of what a service itself may have sent, newest first."""
    entries: Any = redis().xrevrange(f"{REFUSED}:{service}", count=limit)
    return list(_read(entries))


def _read(entries: Iterable[tuple[bytes, dict[bytes, bytes]]]) -> Iterator[Refusal]:
    """Yield what can be read: during a deployment others write what we do not know yet."""
    for id, said in entries:
        with suppress(TypeError, ValueError):
            yield _refusal(id, said)


_KNOWN = {one.name for one in fields(Refusal)} - {"time"}


def _refusal(id: bytes, said: dict[bytes, bytes]) -> Refusal:
    values: dict[str, Any] = {name.decode(): value.decode() for name, value in said.items()}
    known = {name: value for name, value in values.items() if name in _KNOWN}
    time = datetime.fromtimestamp(int(id.split(b"-")[0]) / 1000, UTC)
    numbers = {name: int(values.get(name, 0)) for name in ("size", "number")}
    return Refusal(time=time, **known | numbers)
