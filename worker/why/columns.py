"""For each column, which event set its present value. Pure."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import JSONB

from integrations.schema import dump
from worker import statements
from worker.why.model import Column
from worker.why.places import Place
from worker.why.told import ERASED, Told

SYNCED = {"list": "a sync, from a listing", "fetch": "a sync, which asked for it alone"}
_NOT_TOLD = frozenset({"data", "content_hash", "clock", "source", "last_event_id", "refetch_at"})


def columns(place: Place, told: Sequence[Told], edited: frozenset[str]) -> list[Column]:
    """Return what set each column that holds something, by the columns' own order.

    `edited` are those that are not what the row's own `data` says.
    """
    told = [one for one in told if _applied(place, one)]
    versions = sorted((t for t in told if t.version and t.values is not None), key=_version)
    facts = set(statements.facts(place.table))
    return [
        _fact(place, name, told) if name in facts else _content(place, name, versions, edited)
        for name in _told_columns(place)
    ]


def _told_columns(place: Place) -> Iterator[str]:
    skipped = {*statements.key(place.table), *_NOT_TOLD, "members_version", "identity"}
    for column in place.table.columns:
        ours = column.name in statements.OURS or column.computed is not None
        if not ours and column.name not in skipped and place.row[column.name] is not None:
            yield column.name


def _applied(place: Place, told: Told) -> bool:
    """Return whether an event wrote anything: one that the row names did, replayed or not."""
    return bool(told.record.status == "handled" or place.row["last_event_id"] == told.id)


def _version(told: Told) -> Any:
    return told.version


def _content(place: Place, name: str, versions: Sequence[Told], edited: frozenset[str]) -> Column:
    """Return the first of the last versions in a row that told the value that stands."""
    here = place.row[name]
    if name in edited:
        return Column(name, None, None, "changed here: the row's own data say something else")
    setter: Told | None = None
    for one in reversed(versions):
        if not (one.values and name in one.values):
            continue
        if plain(place.table, name, one.values[name]) != here:
            break
        setter = one
    if setter is not None:
        return Column(name, setter.id, at(setter), "an event")
    return _otherwise(place, name)


def _otherwise(place: Place, name: str) -> Column:
    """Return what must have set it, if no body that is kept did."""
    source, named = place.row["source"], place.row["last_event_id"]
    since = moment(place.row["clock"])
    if source == ERASED:
        return Column(name, None, None, "kept when the rest was erased")
    if source in SYNCED:
        return Column(name, None, since, SYNCED[source])
    if named:
        return Column(name, named, since, "this event or one before it: a body is not kept")
    return Column(name, None, None, "not known")


def _fact(place: Place, name: str, told: Sequence[Told]) -> Column:
    """Return which event told a fact beside the content: the first with the greatest."""
    here = place.row[name]
    for one in sorted(told, key=lambda t: t.record.received_at):
        value = one.gone_at if name == "deleted_at" else (one.facts or {}).get(name)
        if value is not None and plain(place.table, name, value) == here:
            return Column(name, one.id, value if isinstance(value, datetime) else None, "an event")
    return Column(name, None, None, "a sync, or an event whose body is not kept")


def plain(table: Table, name: str, value: Any) -> Any:
    """Return a column's value as the database gives it back."""
    if name not in table.columns or value is None:
        return value
    if not isinstance(table.columns[name].type, JSONB):
        return value
    return json.loads(value if isinstance(value, str) else dump(value))


def at(told: Told) -> datetime | None:
    """Return the time of an event's version."""
    return moment(told.version[1]) if told.version else None


def moment(clock: int) -> datetime | None:
    """Return a clock as a time, None where there is none."""
    return datetime.fromtimestamp(clock / 1000, UTC) if clock else None
