"""What a running system offers to those who try its door."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from redis import Redis

WAITING = "waiting"
"""The status of a body that is in the inbox, and not in the ledger yet."""

_STREAMS = "tallyman:inbox:*"


@dataclass(frozen=True, slots=True)
class Door:
    """A receiver that listens on loopback, with workers behind it."""

    url: str
    secrets: Mapping[str, str]
    """By service, or by `service/endpoint`: what stands in the address."""
    pids: Callable[[], list[int]]
    """The receiver's processes, of which the memory is watched."""
    taken: Callable[[], Mapping[str, str]]
    """Returns what got in: the digest of every body in inbox and ledger -> its status."""

    @property
    def address(self) -> tuple[str, int]:
        """Return host and port."""
        parts = urlsplit(self.url)
        return parts.hostname or "127.0.0.1", parts.port or 80


def digest(body: bytes) -> str:
    """Return the name of a body in what `taken` returns."""
    return sha256(body).hexdigest()


def taken_from(
    database_url: str, redis_url: str, schema: str = "tallyman"
) -> Callable[[], Mapping[str, str]]:
    """Return a Door's `taken` that looks into the tables and the streams themselves."""

    def look() -> Mapping[str, str]:
        waiting = _inbox(redis_url)  # first: what leaves it meanwhile is in the ledger
        return waiting | _ledger(database_url, schema)

    return look


def _inbox(url: str) -> dict[str, str]:
    with Redis.from_url(url) as redis:
        entries = [
            entry for key in redis.scan_iter(_STREAMS, 1000) for _, entry in redis.xrange(key)
        ]
    return {digest(entry.get(b"body", b"")): WAITING for entry in entries}


def _ledger(url: str, schema: str) -> dict[str, str]:
    query = sql.SQL("SELECT encode(sha256(body), 'hex'), status FROM {}.events WHERE body NOTNULL")
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return dict(connection.execute(query.format(sql.Identifier(schema))).fetchall())
