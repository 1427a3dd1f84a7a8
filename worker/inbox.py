"""The Redis streams that hold accepted deliveries until they are applied: one stream a service."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from math import ceil
from typing import Any, cast

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError
from redis.retry import Retry

from integrations.interface import Delivery
from settings import settings

GROUP = CONSUMER = (
    "tallyman"  # one name for all: a consumer that is deleted takes its entries along
)
PAUSED = "tallyman:paused"


def stream(service: str) -> str:
    """Return the key of a service's stream."""
    return f"tallyman:inbox:{service}"


@cache
def redis(timeout: float = 5) -> Redis:
    """Return this process' client. It tries once: redis-py's own ten retries take a minute."""
    return Redis.from_url(
        settings().stores.redis_url,
        socket_timeout=timeout,
        socket_connect_timeout=min(timeout, 1),
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


def fields(delivery: Delivery) -> dict[str, bytes | str]:
    """Return a delivery as the fields of a stream entry; the entry's id tells when it came."""
    kept = {f"h:{name}": value for name, value in delivery.headers.items()}
    if delivery.trace:
        kept["trace"] = delivery.trace
    return {"body": delivery.body, "endpoint": delivery.endpoint, **kept}


def put(delivery: Delivery) -> None:
    """Append a delivery that did not come through the door. Raises redis.RedisError."""
    redis().xadd(stream(delivery.service), cast("Any", fields(delivery)))


@dataclass(frozen=True, slots=True)
class Entry:
    """A delivery in our hands, with the id to acknowledge it by. `times` counts the takings."""

    id: str
    delivery: Delivery
    times: int = 1


def _entry(service: str, id: bytes, found: Mapping[bytes, bytes], times: int = 1) -> Entry:
    milliseconds = int(id.split(b"-")[0])
    headers = {
        name[2:].decode(): value.decode() for name, value in found.items() if name[:2] == b"h:"
    }
    delivery = Delivery(
        service=service,
        endpoint=found.get(b"endpoint", b"").decode(),
        body=found.get(b"body", b""),
        headers=headers,
        received_at=datetime.fromtimestamp(milliseconds / 1000, UTC),
        trace=found.get(b"trace", b"").decode(),
    )
    return Entry(id.decode(), delivery, times)


def take(service: str, count: int) -> list[Entry]:
    """Return up to `count` entries that nobody has taken yet, oldest first. Does not wait."""
    streams: Any = {stream(service): ">"}
    found = _in_group(service, lambda: redis().xreadgroup(GROUP, CONSUMER, streams, count))
    return [_entry(service, id, fields) for _, entries in found or [] for id, fields in entries]


def reclaim(service: str, idle_seconds: float) -> Iterator[Entry]:
    """Yield, one at a time, the entries that were taken and not settled for so long.

    One at a time, because the one that killed its process must not have company.
    """
    claim = partial(redis().xautoclaim, stream(service), GROUP, CONSUMER, int(idle_seconds * 1000))
    cursor: bytes | str = "0-0"
    while True:
        cursor, entries, *_ = _in_group(service, partial(claim, cursor, 1))
        for id, found in entries:
            yield _entry(service, id, found, _times_taken(service, id))
        if cursor == b"0-0":
            return


def _times_taken(service: str, id: bytes) -> int:
    pending = redis().xpending_range(stream(service), GROUP, id, id, 1)
    return int(pending[0]["times_delivered"]) if pending else 1


def done(service: str, entries: Sequence[Entry]) -> None:
    """Forget entries whose outcome is committed, in one step: half of it would leave an orphan."""
    ids = [entry.id for entry in entries]
    with redis().pipeline(transaction=True) as pipe:
        pipe.xack(stream(service), GROUP, *ids)
        pipe.xdel(stream(service), *ids)
        pipe.execute()


def hand_back(
    service: str, entries: Sequence[Entry], idle_seconds: float, *, counted: bool = False
) -> None:
    """Let others reclaim the entries at once, as if they had never been taken, unless `counted`."""
    redis().xclaim(
        stream(service),
        GROUP,
        CONSUMER,
        0,
        [entry.id for entry in entries],
        idle=int(idle_seconds * 1000) + 1,
        retrycount=None if counted else 0,
        justid=True,
    )


def _in_group(service: str, call: Callable[[], Any]) -> Any:
    """Return what the call returns, after creating the group (at 0: what came before counts)."""
    try:
        return call()
    except ResponseError as error:
        if not str(error).startswith("NOGROUP"):
            raise
    try:
        redis().xgroup_create(stream(service), GROUP, "0", mkstream=True)
    except ResponseError as error:
        if not str(error).startswith("BUSYGROUP"):  # another worker was faster
            raise
    return call()


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in a stream: how many, and since when."""

    waiting: int
    oldest: datetime | None


def backlog(service: str) -> Backlog:
    """Return what waits in the stream, taken or not."""
    with redis().pipeline(transaction=False) as pipe:
        pipe.xlen(stream(service))
        pipe.xrange(stream(service), count=1)
        waiting, first = pipe.execute()
    oldest = _entry(service, *first[0]).delivery.received_at if first else None
    return Backlog(waiting, oldest)


def paused() -> frozenset[str]:
    """Return the names of the paused services."""
    members = cast("set[bytes]", redis().smembers(PAUSED))
    return frozenset(name.decode() for name in members)


def pause(service: str) -> None:
    """Stop applying a service's events; new ones go straight into the ledger."""
    redis().sadd(PAUSED, service)


def resume(service: str) -> None:
    """Apply a service's events again."""
    redis().srem(PAUSED, service)


def rest(service: str, seconds: float) -> None:
    """Keep drains of a service from starting for a while: a store is away."""
    redis().set(f"tallyman:resting:{service}", 1, px=max(1, ceil(seconds * 1000)))


def resting(service: str) -> bool:
    """Return whether drains of the service shall not start now."""
    with redis().pipeline(transaction=False) as pipe:
        pipe.exists(f"tallyman:resting:{service}")
        pipe.sismember(PAUSED, service)
        return any(pipe.execute())
