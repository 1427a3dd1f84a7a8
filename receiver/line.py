"""The one round trip to Redis: append a delivery, and count the doorbells that wait.

A connection is used at its lowest level, one for each thread: the client's layers above it cost
more than the round trip itself.
"""

import threading
import time
from collections.abc import Mapping
from itertools import chain
from typing import Any, cast

from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from integrations import INTEGRATIONS
from integrations.interface import Delivery
from settings import settings
from worker.inbox import PAUSED, fields, redis, stream

TIMEOUT = 1.0  # seconds
_FAILURES = 3  # in a row, until only the look asks Redis
_LOOK_EVERY = 1.0  # seconds
_FULL, _EMPTIED = 0.7, 0.5  # of Redis' memory


class Line:
    """A process' way into the streams, with a breaker and a look at the pressure each second."""

    def __init__(self) -> None:
        self._pool = ConnectionPool.from_url(
            settings().stores.redis_url,
            socket_timeout=TIMEOUT,
            socket_connect_timeout=0.5,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=0,
            max_connections=2**31,  # each thread has one: redis-py's own limit is 100
        )
        self._mine = threading.local()
        self._failures = 0
        self._looking, self._look_at = threading.Lock(), 0.0
        self._closed: frozenset[str] = frozenset()

    def open(self, service: str) -> bool:
        """Return whether deliveries of the service shall go into Redis now."""
        if time.monotonic() >= self._look_at and self._looking.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._look_at = time.monotonic() + _LOOK_EVERY
                self._looking.release()
        return service not in self._closed and not self._left_alone()

    def send(self, delivery: Delivery) -> int:
        """Append the delivery; return how many doorbells of its service wait. Raises RedisError."""
        add: list[Any] = ["XADD", stream(delivery.service), "*"]
        for field in fields(delivery).items():
            add += field
        _, bells = self._ask([add, ["LLEN", delivery.service]])
        return cast("int", bells)

    def note(self, key: str, entry: Mapping[str, Any], most: int) -> None:
        """Append to a stream of about the `most` latest, or let it be. Raises RedisError."""
        if not self._left_alone():
            self._ask([["XADD", key, "MAXLEN", "~", most, "*", *chain(*entry.items())]])

    def ready(self) -> bool:
        """Return whether Redis answers and takes deliveries of any service now."""
        try:
            self._ask([["PING"]])
        except RedisError:
            return False
        return any(self.open(name) for name in INTEGRATIONS)

    def _left_alone(self) -> bool:
        return self._failures >= _FAILURES

    def _ask(self, commands: list[list[Any]]) -> list[Any]:
        try:
            connection = self._connection()
            packed = connection.pack_commands(commands)
            connection.send_packed_command(packed, check_health=False)
            answers = [connection.read_response() for _ in commands]
        except RedisError:
            self._failed()
            raise
        self._failures = 0
        return answers

    def _connection(self) -> Any:  # redis-py leaves this layer untyped
        if not hasattr(self._mine, "connection"):
            self._mine.connection = self._pool.make_connection()
        self._mine.connection.connect()  # does nothing while it is connected
        return self._mine.connection

    def _failed(self) -> None:
        if connection := getattr(self._mine, "connection", None):
            connection.disconnect()  # an answer may still come: it must not meet the next question
        self._failures += 1

    def _look(self) -> None:
        """Learn which services to keep out of Redis: paused ones, and those with too much in it."""
        try:
            with redis(TIMEOUT).pipeline(transaction=False) as pipe:
                pipe.info("memory")
                pipe.smembers(PAUSED)
                for name in INTEGRATIONS:
                    pipe.xlen(stream(name))
                memory, paused, *lengths = pipe.execute()
        except RedisError:
            self._failed()
            return
        self._failures = 0
        full = self._full(memory)
        self._closed = frozenset(
            name
            for name, length in zip(INTEGRATIONS, lengths, strict=True)
            if full or name.encode() in paused or self._long(name, length)
        )

    def _full(self, memory: dict[str, Any]) -> bool:
        most = memory["maxmemory"]
        bound = _EMPTIED if self._closed.issuperset(INTEGRATIONS) else _FULL
        return bool(most) and memory["used_memory"] > bound * most

    def _long(self, service: str, length: int) -> bool:
        most = settings().inbox.inbox_max_entries
        return length >= (most / 2 if service in self._closed else most)
