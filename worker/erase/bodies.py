"""The bodies of events, in the ledger: those that name the person go."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Table

from db.models.events import EventRecord
from db.session import transaction
from worker.arrays import array
from worker.erase.needles import ERASED
from worker.erase.owned import Owned
from worker.erase.walk import walk
from worker.ledger import TABLE, sql

E: Table = EventRecord.__table__  # type: ignore[assignment]  # declared as FromClause
Key = tuple[str, str]
AT_ONCE = 500
_GIVEN = """
    unnest(CAST(:service AS text[]), CAST(:event_id AS text[])) AS given(service, event_id)
"""

# what is settled stays as it is, what is dead is closed; what is still to be applied is left
_EMPTY = f"""
    UPDATE {TABLE} AS kept SET body = NULL, headers = NULL, error = NULL, reason = '{ERASED}',
        archive_key = NULL, archive_offset = NULL, archive_length = NULL,
        status = CASE WHEN status IN ('handled', 'ignored') THEN status ELSE 'discarded' END,
        retry_at = NULL, settled_at = coalesce(settled_at, now()),
        lease_token = NULL, lease_until = NULL
    FROM {_GIVEN}
    WHERE kept.service = given.service AND kept.event_id = given.event_id
        AND (body IS NOT NULL OR archive_key = CAST(:place AS text))
        AND status NOT IN ('received', 'retrying')
        AND (lease_until IS NULL OR lease_until < now())
"""  # noqa: S608  our own table

# leased, to be applied, or on its way into the archive; where a row names another object than the
# one that was looked into, that is one that the row left
_LEFT = f"""
    SELECT count(*) FROM {TABLE} AS kept JOIN {_GIVEN} USING (service, event_id)
    WHERE body IS NOT NULL OR archive_key = coalesce(CAST(:place AS text), archive_key)
"""  # noqa: S608  our own table

_DEAD = f"""
    SELECT count(*) FROM {TABLE} AS kept JOIN {_GIVEN} USING (service, event_id)
    WHERE status = 'dead' AND coalesce(entity <> ALL(CAST(:own AS text[])), true)
"""  # noqa: S608  our own table


def named(owned: Owned) -> Iterator[Key]:
    """Yield the events whose bodies name the person; those about the person come last.

    Who begins again after an end in between finds the person's addresses in these.
    """
    own, last = {id for ids in owned.person.ids.values() for id in ids}, list[Key]()
    for batch in walk(E, [E.c.entity, E.c.body]):
        for row in batch:
            if row.body is not None and owned.needles.named_in(bytes(row.body)):
                key = row.service, row.event_id
                if row.entity in own:
                    last.append(key)
                else:
                    yield key
    yield from last


def erase(found: Sequence[Key], *, dry: bool) -> Counter[str]:
    """Empty the events; return how many, and how many are in work now."""
    if dry:
        return Counter(bodies=len(found))
    counts, left = Counter[str](), 0
    for first in range(0, len(found), AT_ONCE):
        batch = found[first : first + AT_ONCE]
        left_here = empty(batch)
        counts["bodies"] += len(batch) - left_here
        left += left_here
    return counts + Counter(in_work=left)


def empty(keys: Sequence[Key], place: str | None = None) -> int:
    """Empty events whose bodies are in the ledger, or in that object of the archive.

    Return of how many the body is still somewhere: somebody works on them.
    """
    given = _given(keys) | {"place": place}
    with transaction() as session:
        session.execute(sql(_EMPTY), given)
        return int(session.execute(sql(_LEFT), given).scalar_one())


def dead_of_others(owned: Owned, found: Iterable[Key]) -> int:
    """Return how many of these are dead letters about somebody else, or about nobody known."""
    own, keys = {"own": array(sorted(owned.needles.ids))}, list(found)
    batches = (keys[first : first + AT_ONCE] for first in range(0, len(keys), AT_ONCE))
    with transaction() as session:
        return sum(
            int(session.execute(sql(_DEAD), _given(batch) | own).scalar_one()) for batch in batches
        )


def _given(keys: Sequence[Key]) -> dict[str, str]:
    services, ids = zip(*keys, strict=True)
    return {"service": array(services), "event_id": array(ids)}
