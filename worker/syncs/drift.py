"""Compare an object as it is told with its row, field by field. Reads nothing, writes nothing."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import JSONB

from db.base import ELSEWHERE
from integrations.errors import Unreadable
from integrations.interface import WEBHOOK, Members, Mirror, Row, Snapshot
from integrations.schema import dump
from worker.rows import content_hash
from worker.syncs.kept import Kept, Values
from worker.syncs.kept import own as own_row

WHOLE = "*"
"""The field of a difference where all of a row is missing, on one side or the other."""
_PERSONAL = frozenset(
    {"address", "comment", "description", "email", "external", "ip", "key", "name", "nickname"}
    | {"phone", "reason", "shipping", "slug", "url", "username"}
)
_DATA = "data"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not here as it is there; the values as they may be shown to anyone.

    `restless` is one that moves by itself: db.base.RESTLESS.
    """

    table: str
    id: str
    field: str
    here: str | None
    there: str | None
    restless: bool = False

    @property
    def place(self) -> tuple[str, str, str]:
        """Return where it is, whatever is there: all of the JSON is one place."""
        return self.table, self.id, _DATA if self.field.startswith(f"{_DATA}.") else self.field


def compare(
    snapshot: Snapshot, parts: Sequence[Row | Members], kept: Kept | None
) -> list[Difference]:
    """Return in what a row differs from an object as it was told.

    Of an object that is not `whole` only what was told counts. What the columns of a service say
    of the telling itself (api_version, instance_id) is no difference.
    """
    own = own_row(parts)
    table: Table = own.model.__table__
    if snapshot.gone_at is not None:
        return list(_deleted(table, own.id, kept, snapshot.gone_at))
    undeleted = _deleted(table, own.id, kept, None)
    if kept is None or kept.values[_DATA] is None:
        return [*undeleted, Difference(table.name, own.id, WHOLE, None, hashed(_raw(own)))]
    columns = list(_columns(table, own, kept.values))
    return [*undeleted, *columns, *_json(own, snapshot, kept, columns), *_sets(parts, kept)]


def edited(mirror: Mirror, kept: Kept | None) -> frozenset[tuple[str, str, str]]:
    """Return the places in which a row is not what its own `data` says.

    The columns and sets of a row are made of its `data`: where they say something else, or where
    `data` itself has another hash than when it was written, somebody wrote to the table.
    """
    if kept is None or kept.values[_DATA] is None:
        return frozenset()
    name, id = mirror.model.__tablename__, kept.values["id"]
    told = Snapshot("", kept.values[_DATA], kept.clock, WEBHOOK)
    try:
        parts = mirror.project(told)
    except Unreadable:
        return frozenset({(name, id, _DATA)})
    own = own_row(parts)
    columns = _columns(mirror.model.__table__, own, kept.values)
    sets = _sets(parts, kept) if own.whole else ()
    found = frozenset(difference.place for difference in (*columns, *sets))
    as_written = content_hash(dump(_raw(own))) == kept.values["content_hash"]
    return found if as_written else found | {(name, id, _DATA)}


def _deleted(
    table: Table, id: str, kept: Kept | None, gone_at: datetime | None
) -> Iterator[Difference]:
    """Yield whether only one side says that the object is deleted."""
    here = kept.deleted_at if kept else None
    if (here is None) != (gone_at is None):
        yield Difference(table.name, id, "deleted_at", _text(here), _text(gone_at))


def _columns(table: Table, row: Row, here: Values) -> Iterator[Difference]:
    for name, value in row.values.items():
        there = _plain(table, name, value)
        if (there is None and not row.whole) or there == here[name]:
            continue
        here_there = shown(table, name, here[name]), shown(table, name, there)
        restless = bool(table.columns[name].info.get("restless"))
        yield Difference(table.name, row.id, name, *here_there, restless)


def _plain(table: Table, name: str, value: Any) -> Any:
    """Return a column's value as the database gives it back."""
    if not isinstance(table.columns[name].type, JSONB) or value is None:
        return value
    return json.loads(value if isinstance(value, str) else dump(value))


def _json(
    own: Row, snapshot: Snapshot, kept: Kept, columns: Iterable[Difference]
) -> Iterator[Difference]:
    """Yield the parts of the JSON that differ, but for those that are columns which do.

    A webhook, a listing and an answer about one object may tell other parts, and other versions of
    an API the same ones in other shapes: only what can be compared is: no copies of other objects.
    """
    if snapshot.columns.get("api_version") != kept.values.get("api_version"):
        return
    here, there = kept.values[_DATA], _raw(own)
    same_shape = own.whole and kept.values["source"] == snapshot.source
    names = here.keys() | there.keys() if same_shape else here.keys() & there.keys()
    copies = own.model.__table__.info.get(ELSEWHERE, ())
    for name in sorted(names - {found.field for found in columns} - set(copies)):
        if here.get(name) != there.get(name):
            told, kept_as = (hashed(o[name]) if name in o else None for o in (there, here))
            place = own.model.__tablename__, own.id, f"{_DATA}.{name}"
            yield Difference(*place, kept_as, told)


def _raw(row: Row) -> Mapping[str, Any]:
    return {} if isinstance(row.of, str) else row.of.raw


def _sets(parts: Iterable[Row | Members], kept: Kept) -> Iterator[Difference]:
    for part in parts:
        if isinstance(part, Members):
            table: Table = part.model.__table__
            yield from _set(table, {r.id: r for r in part.rows}, kept.members.get(table.name, {}))


def _set(
    table: Table, there: Mapping[str, Row], here: Mapping[str, Values]
) -> Iterator[Difference]:
    for id in sorted(there.keys() | here.keys()):
        if id not in here:
            yield Difference(table.name, id, WHOLE, None, hashed(_raw(there[id])))
        elif id not in there:
            yield Difference(table.name, id, WHOLE, hashed(here[id][_DATA]), None)
        else:
            yield from _columns(table, there[id], here[id])


def shown(table: Table, name: str, value: object) -> str | None:
    """Return a column's value as text; of what may be personal only a hash."""
    if value is None:
        return None
    personal = isinstance(value, str) and _PERSONAL & set(name.split("_"))
    if personal or isinstance(table.columns[name].type, JSONB):
        return hashed(value)
    return _text(value)


def hashed(value: object) -> str:
    """Return a short hash, of text or else of JSON: it tells only whether two values are the same.

    >>> hashed("ada@example.com")
    'sha256:b5fc85e5'
    """
    text = value if isinstance(value, str) else dump(value)
    return f"sha256:{sha256(text.encode()).hexdigest()[:8]}"


def _text(value: object) -> str | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return None if value is None else str(value)


_MADE = re.compile(r"[A-Za-z0-9_]{1,255}")


def loggable(id: str) -> str:
    """Return an id as services make them; of what somebody has named, as R2's keys are, a hash."""
    return id if _MADE.fullmatch(id) else hashed(id)
