"""Compares what was accepted with what came of it: reads tables and streams, imports none of ours.

What it is told: the ids that HTTP accepted, and which of them must end dead. An id has the form
`evt_<object>_<version>`: the events of one object, whose later versions have the greater number.
"""

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
class Verdict:
    """How many of the accepted ended how, and what is wrong: (kind, words) each."""

    accepted: int
    applied: int
    retrying: int
    dead: int
    lost: Sequence[str]
    doubled: Sequence[str]
    others: Sequence[Found] = ()


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


def unsettled(seen: Seen) -> int:
    """Return how many deliveries wait in the stream, or in the ledger to be tried again."""
    query = "SELECT count(*) FROM {s}.events WHERE status IN ('received', 'retrying')"
    (count,) = seen.rows(query)[0]
    with seen.redis() as redis:
        return int(count) + int(redis.xlen(STREAM))


def verdict(seen: Seen, accepted: Accepted) -> Verdict:
    """Return what became of what was accepted. To be asked when nothing is on its way."""
    told = set(accepted.ids)
    found = dict(seen.rows("SELECT event_id, status FROM {s}.events"))
    names = {id: id if id in found else accepted.unread.get(id, id) for id in told}
    status = {id: found[name] for id, name in names.items() if name in found}
    applied = [id for id, how in status.items() if how == "handled"]
    others = [finding for look in LOOKS for finding in look(seen, accepted)]
    return Verdict(
        accepted=len(told),
        applied=len(applied),
        retrying=sum(how in {"retrying", "received"} for how in status.values()),
        dead=sum(how == "dead" for how in status.values()),
        lost=sorted([*(told - status.keys()), *_without_effect(seen, applied)]),
        doubled=_doubled(seen),
        others=others,
    )


def _without_effect(seen: Seen, applied: Sequence[str]) -> list[str]:
    """Return what is marked as handled, and whose handler's row is not there."""
    query = "SELECT unnest(%s::text[]) EXCEPT SELECT id FROM public.proof_applied"
    return [f"{id} (marked handled, nothing written)" for (id,) in seen.rows(query, list(applied))]


def _doubled(seen: Seen) -> list[str]:
    query = "SELECT id FROM public.proof_applied GROUP BY id HAVING count(*) > 1 ORDER BY id"
    return [id for (id,) in seen.rows(query)]


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


def _not_dead(seen: Seen, accepted: Accepted) -> Iterator[Found]:
    query = "SELECT event_id, status FROM {s}.events WHERE event_id = ANY(%s) AND status <> 'dead'"
    for id, status in seen.rows(query, list(accepted.doomed)):
        yield "what must die lives", f"{id} is {status}"


def _stuck(seen: Seen, _: Accepted) -> Iterator[Found]:
    """Yield what nobody will take up: due for long, or leased for long."""
    query = f"""SELECT event_id, status FROM {{s}}.events
        WHERE status IN ('retrying', 'received')
        AND greatest(coalesce(retry_at, received_at), received_at) < now() - {MOST_OVERDUE}"""
    for id, status in seen.rows(query):
        yield "stuck", f"{id} is {status}, and overdue"
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
        yield "wrong dead queue", "it does not hold as many messages as the ledger has dead events"


def dead_are_announced(seen: Seen) -> bool:
    """Return whether the dead queue holds a message for each dead event, up to a thousand."""
    ((dead,),) = seen.rows("SELECT count(*) FROM {s}.events WHERE status = 'dead'")
    with seen.redis() as redis:
        return bool(redis.llen(DEAD_QUEUE) == min(dead, SHOWN_DEAD))


LOOKS: Sequence[Callable[[Seen, Accepted], Iterator[Found]]] = (
    _unmarked,
    _wrongly_dead,
    _not_dead,
    _stuck,
    _rows_behind,
    _members,
    _pointers,
    _dead_queue,
)
