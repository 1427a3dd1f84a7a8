"""Where the checker looks: tables and streams; and each thing that must not be seen there."""

import json
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from redis import Redis

SERVICE = "stripe"
STREAM, DEAD_QUEUE = f"tallyman:inbox:{SERVICE}", f"{SERVICE}.dead"
SHOWN_DEAD = 1000
MOST_OVERDUE = "interval '15 seconds'"
Found = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the senders know: the ids that got a 2xx, and those of them that must die.

    `unread` are the ids by which the ledger knows those whose bodies nobody could read in peace.
    """

    ids: Sequence[str]
    doomed: frozenset[str] = frozenset()
    unread: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """Where to look."""

    database_url: str
    redis_url: str
    schema: str = "tallyman"
    connect: dict[str, Any] = field(default_factory=lambda: {"connect_timeout": 3})

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query, `{s}` in it being the schema."""
        with psycopg.connect(self.database_url, **self.connect, autocommit=True) as connection:
            return connection.execute(query.replace("{s}", self.schema).encode(), values).fetchall()

    def redis(self) -> Redis:
        """Return a client."""
        return Redis.from_url(self.redis_url, socket_timeout=5)


def _unmarked(seen: Seen, _: Accepted) -> Iterator[Found]:
    """Yield what a handler wrote for an event that is not marked as handled."""
    query = """SELECT id, status FROM public.proof_applied LEFT JOIN {s}.events ON event_id = id
        WHERE status IS DISTINCT FROM 'handled'"""
    for id, status in seen.rows(query):
        yield "applied, but not marked so", f"{id} is {status}"


def _wrongly_dead(seen: Seen, accepted: Accepted) -> Iterator[Found]:
    dead = dict(seen.rows("SELECT event_id, error FROM {s}.events WHERE status = 'dead'"))
    may = accepted.doomed | {accepted.unread[id] for id in accepted.doomed}
    for id in sorted(dead.keys() - may):
        yield "an innocent is dead", f"{id}: {dead[id]}"


def _strange(seen: Seen, accepted: Accepted) -> Iterator[Found]:
    """Yield what was accepted and is neither applied nor on its way nor dead."""
    query = """SELECT event_id, status FROM {s}.events WHERE event_id = ANY(%s)
        AND status NOT IN ('handled', 'received', 'retrying', 'dead')"""
    for id, status in seen.rows(query, list(accepted.ids)):
        yield "neither applied nor dead", f"{id} is {status}"


def _not_dead(seen: Seen, accepted: Accepted) -> Iterator[Found]:
    query = "SELECT event_id, status FROM {s}.events WHERE event_id = ANY(%s) AND status <> 'dead'"
    for id, status in seen.rows(query, list(accepted.doomed)):
        yield "what must die lives", f"{id} is {status}"


def _stuck(seen: Seen, _: Accepted) -> Iterator[Found]:
    """Yield what nobody takes up: due for long, or its lease over for long."""
    query = f"""SELECT event_id, status FROM {{s}}.events
        WHERE status IN ('retrying', 'received')
        AND greatest(received_at, retry_at, lease_until) < now() - {MOST_OVERDUE}"""
    for id, status in seen.rows(query):
        yield "stuck", f"{id} is {status}, and overdue"
    effects = f"""SELECT id FROM {{s}}.effects WHERE status = 'waiting'
        AND greatest(retry_at, lease_until) < now() - {MOST_OVERDUE}"""
    for (id,) in seen.rows(effects):
        yield "stuck", f"effect {id} is overdue"
    with seen.redis() as redis:
        entries: Any = redis.xrange(STREAM, count=100)
        pending: Any = redis.xlen(STREAM) and redis.xpending(STREAM, "tallyman")
    for id, _fields in entries:
        yield "stuck", f"stream entry {id.decode()}"
    if pending and pending["pending"] and not entries:
        yield "stuck", f"{pending['pending']} pending entries without contents"


def _rows_behind(seen: Seen, _: Accepted) -> Iterator[Found]:
    """Yield the objects whose row is not that of their newest handled event."""
    query = """WITH newest AS (
            SELECT split_part(event_id, '_', 2) AS object,
                max(split_part(event_id, '_', 3)::int) AS version
            FROM {s}.events WHERE status = 'handled' AND event_id ~ '^evt_[^_]+_[0-9]+$'
            GROUP BY 1)
        SELECT object, version, row.data->'metadata'->>'version' FROM newest
        LEFT JOIN {s}.stripe_subscriptions AS row ON row.id = 'sub_' || object
        WHERE row.data->'metadata'->>'version' IS DISTINCT FROM version::text"""
    for object_id, version, shown in seen.rows(query):
        yield "wrong row", f"sub_{object_id} shows version {shown}, the newest is {version}"


def _members(seen: Seen, _: Accepted) -> Iterator[Found]:
    """Yield the sets whose rows are not those that the parent's JSON lists."""
    query = """SELECT s.id FROM {s}.stripe_subscriptions AS s WHERE s.data IS NOT NULL
        AND (SELECT coalesce(array_agg(i.id ORDER BY i.id), '{}') FROM
            {s}.stripe_subscription_items AS i WHERE i.subscription = s.id) <>
            (SELECT coalesce(array_agg(told->>'id' ORDER BY told->>'id'), '{}')
                FROM jsonb_array_elements(s.data->'items'->'data') AS told)"""
    for (id,) in seen.rows(query):
        yield "wrong members", id


def _pointers(seen: Seen, _: Accepted) -> Iterator[Found]:
    """Yield what is named and is not there."""
    query = """SELECT s.id, s.customer FROM {s}.stripe_subscriptions AS s
        LEFT JOIN {s}.stripe_customers AS c ON c.id = s.customer
        WHERE s.customer IS NOT NULL AND c.id IS NULL"""
    for id, customer in seen.rows(query):
        yield "pointer without row", f"{id} names {customer}"


def _dead_queue(seen: Seen, _: Accepted) -> Iterator[Found]:
    if not dead_are_announced(seen):
        yield "wrong dead queue", "its messages are not those of the ledger's dead events"


def dead_are_announced(seen: Seen) -> bool:
    """Return whether the dead queue holds a message for each dead event, up to a thousand."""
    dead = [id for (id,) in seen.rows("SELECT event_id FROM {s}.events WHERE status = 'dead'")]
    with seen.redis() as redis:
        messages: Any = redis.lrange(DEAD_QUEUE, 0, -1)
    told = [json.loads(b64decode(json.loads(message)["body"]))[0][0] for message in messages]
    return sorted(told) == sorted(dead) if len(dead) <= SHOWN_DEAD else len(told) == SHOWN_DEAD


LOOKS: Sequence[Callable[[Seen, Accepted], Iterator[Found]]] = (
    _unmarked,
    _strange,
    _wrongly_dead,
    _not_dead,
    _stuck,
    _rows_behind,
    _members,
    _pointers,
    _dead_queue,
)
