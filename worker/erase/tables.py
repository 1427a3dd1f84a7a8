"""All other tables: rows of the person's, payloads of effects, and wherever an address stands."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Table, Text, cast, delete, func, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from db.base import Base
from db.models.effects import DONE, EffectRecord
from db.models.erasures import Erasure
from db.models.syncs import Drift, SyncCursor, SyncSeen
from db.reading import mirrors
from db.session import transaction
from worker.erase.bodies import Key
from worker.erase.needles import ERASED
from worker.erase.owned import Owned
from worker.erase.rows import change, redacted
from worker.erase.walk import key_of, locked, texts, walk

# a cursor that is not the service's own begins elsewhere: the next page writes over it
_APART = {Erasure.__tablename__, SyncCursor.__tablename__}
Change = Mapping[str, Any]
Found = tuple[Table, Sequence[Row[Any]]]


@dataclass(frozen=True, slots=True)
class _Rule:
    """What becomes of a row, whatever table it is in."""

    owned: Owned
    causes: AbstractSet[Key]
    mirrors: AbstractSet[Table]

    def of(self, table: Table, row: Row[Any]) -> Change | None:
        """Return what a row is given, None where it may stay, {} where it has to go."""
        if table in self.mirrors:
            return change(table, row, self.owned)
        if table.name == SyncSeen.__tablename__:
            return {} if self.owned.needles.address_in(row.row_id) else None
        told = redacted(table, row, self.owned.needles)
        if table.name == EffectRecord.__tablename__:
            return _effect(self.owned, row, told or {}, self.causes)
        if table.name == Drift.__tablename__ and row.row_id in self.owned.needles.ids:
            return None if row.here is row.there is None else {"here": None, "there": None}
        return told


def erase(owned: Owned, causes: AbstractSet[Key], *, last: bool, dry: bool) -> Counter[str]:
    """Erase in the tables that say who belongs to whom (`last`), or in all others.

    Return how many rows by table. `causes` are the events whose bodies go: what their effects say
    does, too. The tables that link come last, in one transaction: half of them find nobody again.
    """
    rule = _Rule(owned, causes, set(mirrors()))
    tables = [t for t in Base.metadata.sorted_tables if t.name not in _APART]
    meant = [t for t in tables if owned.links(t) == last]
    found = ((table, rows) for table in meant for rows in _found(rule, table))
    if dry:
        return sum((Counter({t.name: len(rows)}) for t, rows in found), Counter[str]())
    if last:
        return _write(rule, list(found))
    return sum((_write(rule, [one]) for one in found), Counter[str]())


def _found(rule: _Rule, table: Table) -> Iterator[Sequence[Row[Any]]]:
    """Yield, by batches, the rows that are to be changed."""
    for batch in walk(table, texts(table)):
        if rows := [row for row in batch if rule.of(table, row) is not None]:
            yield rows


def _effect(owned: Owned, row: Row[Any], told: Change, causes: AbstractSet[Key]) -> Change | None:
    """Return what an effect about the person is given: it says nothing more, and is not done.

    One that tells how somebody is, by their id, stays: it finds them deleted, and says so there.
    """
    needles, values = owned.needles, dict(told)
    if "key" in told:
        values["key"] = f"{ERASED}:{row.id}"  # no two are the same
    ours = (row.service, row.event_id) in causes or needles.named_in(row.key)
    says = row.payload is not None and (ours or needles.named_in(row.payload))
    if says and row.payload != "{}":
        values["payload"] = "{}"
    if (says or not told.keys().isdisjoint({"entity", "key"})) and row.status not in DONE:
        # under another name it would be another's; who holds the lease lets go
        values |= {"status": "discarded", "reason": ERASED, "settled_at": func.now()}
        values |= {"lease_token": None, "lease_until": None}
    return values or None


def _write(rule: _Rule, found: Sequence[Found]) -> Counter[str]:
    """Change these rows in one transaction; return how many by table."""
    with transaction() as session:
        each = (Counter({table.name: _rows(session, rule, table, rows)}) for table, rows in found)
        return sum(each, Counter[str]())


def _rows(session: Session, rule: _Rule, table: Table, rows: Sequence[Row[Any]]) -> int:
    """Change rows of a table by what stands in them now: somebody may have written meanwhile."""
    count = 0
    for row in locked(session, table, texts(table), rows):
        values = rule.of(table, row)
        if values is not None:
            same = key_of(table, row)
            gone = delete(table).where(same)
            session.execute(
                update(table).where(same).values(_typed(table, values)) if values else gone
            )
            count += 1
    return count


def _typed(table: Table, values: Change) -> dict[str, Any]:
    """Return the values as the columns take them: JSON is text here."""
    return {
        name: cast(cast(v, Text), JSONB)
        if isinstance(table.c[name].type, JSONB) and isinstance(v, str)
        else v
        for name, v in values.items()
    }
