"""The latest requests that were refused, as the receiver noted them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from worker.inbox import redis

REFUSED = "tallyman:refused"


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


def latest(limit: int, service: str | None = None) -> list[Refusal]:
    """Return the latest refusals, newest first."""
    entries: Any = redis().xrevrange(REFUSED, count=None if service else limit)
    found = (_refusal(id, fields) for id, fields in entries)
    return [refusal for refusal in found if service in {None, refusal.service}][:limit]


def _refusal(id: bytes, fields: dict[bytes, bytes]) -> Refusal:
    values: dict[str, Any] = {name.decode(): value.decode() for name, value in fields.items()}
    time = datetime.fromtimestamp(int(id.split(b"-")[0]) / 1000, UTC)
    return Refusal(time=time, **values | {"size": int(values["size"])})
