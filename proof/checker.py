"""Compares what was accepted with what came of it: reads tables and streams, imports none of ours.

What it is told: the ids that HTTP accepted, and which of them must end dead. An id has the form
`evt_<object>_<version>`: the events of one object, whose later versions have the greater number.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from proof.looks import LOOKS, STREAM, Accepted, Found, Seen, dead_are_announced

__all__ = ["Accepted", "Found", "Seen", "dead_are_announced", "unsettled", "verdict"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many of the accepted ended how, and what is wrong: (kind, words) each."""

    accepted: int
    applied: int
    waiting: int
    retrying: int
    dead: int
    lost: Sequence[str]
    doubled: Sequence[str]
    others: Sequence[Found] = ()


def unsettled(seen: Seen) -> int:
    """Return how many deliveries wait in the stream, or to be tried again; and how many effects."""
    query = """SELECT (SELECT count(*) FROM {s}.events WHERE status IN ('received', 'retrying'))
        + (SELECT count(*) FROM {s}.effects WHERE status = 'waiting')"""
    with seen.redis() as redis:  # first: what leaves it meanwhile is in the ledger
        waiting = int(redis.xlen(STREAM))
    ((count,),) = seen.rows(query)
    return waiting + int(count)


def verdict(seen: Seen, accepted: Accepted) -> Verdict:
    """Return what became of what was accepted. To be asked when nothing is on its way."""
    told, waiting = set(accepted.ids), _waiting(seen)
    found = dict(seen.rows("SELECT event_id, status FROM {s}.events"))
    names = {id: id if id in found else accepted.unread.get(id, id) for id in told}
    status = {id: found[name] for id, name in names.items() if name in found}
    applied = [id for id, how in status.items() if how == "handled"]
    others = [finding for look in LOOKS for finding in look(seen, accepted)]
    return Verdict(
        accepted=len(told),
        applied=len(applied),
        waiting=len(told & waiting - status.keys()),
        retrying=sum(how in {"retrying", "received"} for how in status.values()),
        dead=sum(how == "dead" for how in status.values()),
        lost=sorted([*(told - status.keys() - waiting), *_without_effect(seen, applied)]),
        doubled=_doubled(seen),
        others=others,
    )


def _waiting(seen: Seen) -> set[str]:
    """Return the ids in the stream."""
    with seen.redis() as redis:
        entries: Any = redis.xrange(STREAM)
    return {json.loads(fields[b"body"])["id"] for _, fields in entries}


def _without_effect(seen: Seen, applied: Sequence[str]) -> list[str]:
    """Return what is marked as handled, and whose handler's row is not there."""
    query = "SELECT unnest(%s::text[]) EXCEPT SELECT id FROM public.proof_applied"
    return [f"{id} (marked handled, nothing written)" for (id,) in seen.rows(query, list(applied))]


def _doubled(seen: Seen) -> list[str]:
    query = "SELECT id FROM public.proof_applied GROUP BY id HAVING count(*) > 1 ORDER BY id"
    return [id for (id,) in seen.rows(query)]
