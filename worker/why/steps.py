"""What each event of an object was to a row: which stands, and which came too late. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from worker.why.columns import SYNCED, at
from worker.why.model import Step
from worker.why.places import Place
from worker.why.told import Told

_FATES = {
    "received": ("waiting", "not applied yet"),
    "retrying": ("waiting", "it failed, and is tried again"),
    "dead": ("dead", "given up, so it wrote nothing"),
    "ignored": ("ignored", ""),
    "discarded": ("discarded", "closed by hand, so it wrote nothing"),
}


def steps(place: Place, told: Sequence[Told]) -> list[Step]:
    """Return what every event was to the row, in the order of the versions' clocks."""
    return [_step(place, one, told) for one in sorted(told, key=_order)]


def _order(told: Told) -> Any:
    moment = at(told) or told.record.occurred_at or told.record.received_at
    return moment, told.version or (False, 0, 0, ""), told.id


def _step(place: Place, one: Told, told: Sequence[Told]) -> Step:
    r = one.record
    outcome, words = _outcome(place, one, told)
    return Step(r.event_id, r.type, r.status, r.occurred_at, r.received_at, at(one), outcome, words)


def _outcome(place: Place, one: Told, told: Sequence[Told]) -> tuple[str, str]:
    if one.record.status in _FATES:
        outcome, words = _FATES[one.record.status]
        said = one.record.error if outcome == "dead" else one.record.reason
        return outcome, ": ".join(part for part in (words, said) if part)
    if one.unread:
        stands = place.row["last_event_id"] == one.id
        return (
            ("stands", f"it is the row's last; {one.unread}") if stands else ("unread", one.unread)
        )
    if one.gone_at is not None:
        return _deletion(place, one.gone_at)
    if one.version is None:
        facts = ", ".join(sorted(one.facts or {})) or "that the object is there"
        return "facts", f"it told {facts}, of which the latest stands"
    return _content(place, one, [t for t in told if t.version and t.record.status == "handled"])


def _deletion(place: Place, gone_at: datetime) -> tuple[str, str]:
    if place.row["deleted_at"] == gone_at:
        return "deleted", "it told the deletion that stands; the last content is kept behind it"
    later = place.row["deleted_at"] is not None
    return "deleted", "it told a deletion; " + ("a later one stands" if later else "it was lifted")


def _content(place: Place, one: Told, others: Sequence[Told]) -> tuple[str, str]:
    """Return what became of a version: it stands, or another one was newer, before it or after."""
    newer = [t for t in others if _version(t) > _version(one)]
    newer.sort(key=lambda t: (_applied(t), t.id))
    if place.row["last_event_id"] == one.id or (place.member and not newer):
        outcome, words = "stands", _stands(place, one)
    elif newer and _replayed(one, newer):
        outcome, words = (
            "older",
            f"older than {newer[0].id}; which came first, a replay made unknown",
        )
    elif newer and _late(one, newer):
        outcome, words = "skipped", f"older than {newer[0].id}, which had been applied before"
    else:
        outcome, words = "overwritten", _by(place, newer)
    return outcome, words + _tie(one, others)


def _stands(place: Place, one: Told) -> str:
    if not place.member:
        return "the row shows what it told"
    return "it took the row out of the set" if one.values is None else "the set is as it told it"


def _by(place: Place, newer: Sequence[Told]) -> str:
    if newer:
        return f"by {newer[0].id}, which is newer"
    if place.row["source"] in SYNCED:
        return f"by {SYNCED[place.row['source']]}"
    last = place.row["last_event_id"]
    return f"by {last}, whose body is not kept" if last else "it is not known by what"


def _tie(one: Told, others: Sequence[Told]) -> str:
    """Return which other versions are of the same moment: the clock cannot tell the later one."""
    same = (t for t in others if _clock(t) == _clock(one) and _hash(t) != _hash(one))
    tied = ", ".join(t.id for t in same)
    return f"; of the same moment as {tied}, so the object is fetched" if tied else ""


def _version(told: Told) -> Any:
    return told.version


def _clock(told: Told) -> int:
    return told.version[1] if told.version else 0


def _hash(told: Told) -> int:
    return told.version[2] if told.version else 0


def _late(one: Told, newer: Sequence[Told]) -> bool:
    """Return whether a newer version, of these by when they were applied, came first."""
    return bool(_applied(newer[0]) < _applied(one))


def _replayed(one: Told, newer: Sequence[Told]) -> bool:
    """Return whether who was applied later may have been before: the time is the replay's."""
    later = [one] if _late(one, newer) else newer
    return any(told.record.redriven_at for told in later)


def _applied(told: Told) -> Any:
    return told.record.settled_at or told.record.received_at
