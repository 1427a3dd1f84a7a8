"""The archive: an object that holds something of the person is written again without it.

The new one is there, and was read back, before the ledger names it; the old one goes after that. An
end in between leaves an object that no row names, and the next time finds it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from db.models.events import EventRecord
from db.session import transaction
from integrations.errors import Permanent
from integrations.r2 import client, members
from integrations.r2.archive import Bundle
from integrations.r2.members import Member
from settings import settings
from worker.arrays import array
from worker.erase import bodies
from worker.erase.bodies import Key
from worker.erase.owned import Owned
from worker.ledger import TABLE, sql

E = EventRecord


def named(owned: Owned) -> dict[str, list[Key]]:
    """Return the archived events that name the person, by the object that they are in.

    Raises Transient, Deferred; Permanent where the ledger names an archive that is not configured.
    """
    if not (client.on() and settings().r2.r2_bucket):
        _without()
        return {}
    found = {place: [_key(one) for one in _of(owned, place)] for place in members.places()}
    return {key: keys for key, keys in found.items() if keys}


def _without() -> None:
    with transaction() as session:
        if session.scalar(select(E.event_id).where(E.archive_key.is_not(None)).limit(1)):
            raise Permanent("events are in the archive, and R2 is not configured: set R2_...")


def _of(owned: Owned, key: str) -> list[Member]:
    return [one for one in members.read(key) if owned.needles.named_in(one.text)]


def _key(one: Member) -> Key:
    return one.service, one.event_id


def erase(found: Mapping[str, Sequence[Key]], *, dry: bool) -> Counter[str]:
    """Take these events out of the archive; return how many, and how many are in work now.

    Raises as `named`.
    """
    counts = Counter(archived=sum(map(len, found.values())), archive_objects=len(found))
    if dry:
        return counts
    for key, gone in found.items():
        left = _object(key, set(gone))
        counts += Counter(in_work=left)
    return counts


def _object(key: str, gone: set[Key]) -> int:
    """Write an object again without these; return how many of them somebody works on.

    Then the old one stays until it is asked for again.
    """
    kept = [one for one in members.read(key) if _key(one) not in gone]
    if kept:
        _move(key, kept, members.rewrite(key, kept))
    if not (left := bodies.empty(sorted(gone), key)):
        members.delete(key)
    return left


_MOVE = f"""
    UPDATE {TABLE} AS kept
    SET archive_key = :new, archive_offset = place_at, archive_length = place_length
    FROM unnest(CAST(:service AS text[]), CAST(:event_id AS text[]), CAST(:place_at AS bigint[]),
        CAST(:place_length AS bigint[])) AS given(service, event_id, place_at, place_length)
    WHERE kept.service = given.service AND kept.event_id = given.event_id
        AND kept.archive_key = :old
"""  # noqa: S608  our own table


def _move(key: str, kept: Sequence[Member], bundle: Bundle) -> None:
    """Have the ledger name the new place of what stays."""
    given = {
        "service": array(one.service for one in kept),
        "event_id": array(one.event_id for one in kept),
        "place_at": array(place.offset for place in bundle.places),
        "place_length": array(place.length for place in bundle.places),
    }
    with transaction() as session:
        session.execute(sql(_MOVE), given | {"new": bundle.key, "old": key})
