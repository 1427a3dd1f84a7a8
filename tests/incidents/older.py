"""Let time pass without waiting: all that both stores remember becomes so many minutes older."""

from typing import Any

from sqlalchemy import DateTime, text

from db.base import Base
from db.session import transaction
from worker.inbox import GROUP, redis
from worker.signals import quarters

_TABLES = ("events", "effects", "incidents", "incident_reasons", "incident_tellings")
_GATE = "tallyman:outbound"


def older(minutes: int) -> None:
    """Make all so many minutes older."""
    with transaction() as session:
        for statement in _statements():
            session.execute(text(statement), {"minutes": minutes})
    _calls(minutes)
    for stream in (*redis().scan_iter("tallyman:refused*"), *redis().scan_iter("tallyman:inbox:*")):
        _stream(stream, minutes)


def counted_anew() -> None:
    """Count the quarters of an hour again, after the events in them are older."""
    with transaction() as session:
        session.execute(text(f"TRUNCATE {quarters.QUARTERS}"))
    quarters.count(["stripe", "clerk"])


def _statements() -> list[str]:
    made = []
    for table in Base.metadata.sorted_tables:
        times = [c.name for c in table.columns if isinstance(c.type, DateTime)]
        if table.name in _TABLES:
            shifts = (f"{name} = {name} - make_interval(mins => :minutes)" for name in times)
            made.append(f"UPDATE {table.fullname} SET {', '.join(shifts)}")
    return made


def _calls(minutes: int) -> None:
    counted: Any = redis().scan_iter(f"{_GATE}:calls:[0-9]*")
    for key in sorted(counted):
        name, _, minute = key.decode().rpartition(":")
        redis().rename(key, f"{name}:{int(minute) - minutes}")
    last: Any = redis().hgetall(f"{_GATE}:calls:last")
    for field, at in last.items():
        redis().hset(f"{_GATE}:calls:last", field, int(at) - 60 * minutes)
    for key in redis().scan_iter(f"{_GATE}:*"):
        what = key.decode().rpartition(":")[2]
        if what == "since":
            redis().decrby(key, 60 * minutes)
        elif what in {"open", "hold", "probe"}:
            _end_sooner(key, 60_000 * minutes)


def _end_sooner(key: bytes, milliseconds: int) -> None:
    left: Any = redis().pttl(key)
    redis().pexpire(key, max(1, left - milliseconds))


def _stream(key: bytes, minutes: int) -> None:
    entries: Any = redis().xrange(key) if redis().exists(key) else []
    redis().delete(key)
    for id, fields in entries:
        time, _, number = id.decode().partition("-")
        redis().xadd(key, fields, id=f"{int(time) - 60_000 * minutes}-{number}")
    if b"inbox" in key and entries:
        redis().xgroup_create(key, GROUP, id="0")
