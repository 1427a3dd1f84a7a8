"""What goes wrong with stores while they run, and whether clocks agree: for `tallyman doctor`."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from db.session import transaction
from settings import settings
from worker.checks import Finding, verdict
from worker.inbox import redis

SKEW = 2.0
"""Seconds that clocks may differ: a wait is then measured wrong, but nothing is decided by it."""
_FULL = 0.7


def findings() -> Iterator[Finding]:
    """Yield what concerns the stores; nothing of one that is away, which others say."""
    with suppress(RedisError):
        yield from _redis()
        yield _clock("Redis", _redis_seconds)
    with suppress(SQLAlchemyError):
        yield from _postgres()
        yield _clock("Postgres", _postgres_seconds)


def _redis() -> Iterator[Finding]:
    info: Any = redis().info()
    yield verdict(
        info.get("role") == "master",
        f"Redis is a {info.get('role')}",
        "point REDIS_URL at the master: a replica takes no deliveries",
        "fail",
    )
    yield verdict(
        info.get("aof_last_write_status", "ok") == "ok",
        f"Redis' last write to its log: {info.get('aof_last_write_status', 'ok')}",
        "make room on its disk: until then nothing that is accepted outlives it",
        "fail",
    )
    most, used = info.get("maxmemory") or 0, info.get("used_memory", 0)
    yield verdict(
        not most or used < _FULL * most,
        f"Redis uses {info.get('used_memory_human')} of {info.get('maxmemory_human')}",
        "see what is in it: deliveries go to Postgres until it is below half of maxmemory",
    )
    clients, limit = info.get("connected_clients", 0), info.get("maxclients") or 0
    yield verdict(
        not limit or clients < 0.8 * limit,
        f"Redis has {clients} connections",
        f"raise maxclients ({limit}): who is refused one loses its worker",
    )


# what would lose what was committed, keep vacuum from its work, or run out
_STANDING = """
    SELECT pg_is_in_recovery() AS replica, current_setting('fsync') AS fsync,
        current_setting('full_page_writes') AS pages,
        pg_encoding_to_char(encoding) AS encoding,
        (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
        current_setting('max_connections')::int AS most,
        (SELECT coalesce(max(extract(epoch FROM now() - xact_start)), 0)::float8
            FROM pg_stat_activity WHERE datname = current_database()
                AND pid <> pg_backend_pid() AND backend_type = 'client backend') AS oldest,
        (SELECT count(*) FROM pg_class AS kept JOIN pg_namespace AS place
                ON place.oid = kept.relnamespace
            WHERE place.nspname = :schema
                AND kept.reloptions::text LIKE '%autovacuum_enabled=false%') AS unvacuumed,
        current_setting('autovacuum') AS autovacuum
    FROM pg_database WHERE datname = current_database()
"""
_LONG = 600  # seconds of a transaction: longer than any of ours by far


def _postgres() -> Iterator[Finding]:
    with transaction() as session:
        keys = {"schema": settings().stores.database_schema}
        found = session.execute(text(_STANDING), keys).one()
    yield verdict(
        not found.replica,
        "Postgres takes writes" if not found.replica else "Postgres is a replica",
        "point DATABASE_URL at the primary",
        "fail",
    )
    yield verdict(
        found.fsync == found.pages == "on",
        f"Postgres fsync={found.fsync} full_page_writes={found.pages}",
        "set both on: else a crash of its machine may cost the whole database",
    )
    yield verdict(
        found.encoding == "UTF8",
        f"Postgres encoding={found.encoding}",
        "make the database with ENCODING 'UTF8': names in other scripts end as dead letters",
    )
    yield from _working(found)


def _working(found: Any) -> Iterator[Finding]:
    yield verdict(
        found.used < 0.8 * found.most,
        f"Postgres has {found.used} of {found.most} connections in use",
        "raise max_connections, or put a pooler (session mode) before it",
    )
    yield verdict(
        found.oldest < _LONG,
        f"Postgres' oldest transaction is {found.oldest:.0f} s old",
        "end it (pg_stat_activity shows whose it is): until then no table is vacuumed",
    )
    yield verdict(
        found.autovacuum == "on" and not found.unvacuumed,
        f"Postgres autovacuum={found.autovacuum}, off for {found.unvacuumed} table(s) of ours",
        "set it on: else the events table and its indexes only grow",
    )


def _redis_seconds() -> float:
    now: Any = redis().time()
    return float(now[0]) + float(now[1]) / 1e6


def _postgres_seconds() -> float:
    with transaction() as session:
        session.execute(text("SELECT 1"))  # connecting is no part of what is measured
        asked = text("SELECT CAST(extract(epoch FROM clock_timestamp()) AS float8)")
        return float(session.execute(asked).scalar_one())


def _clock(name: str, ask: Callable[[], Any]) -> Finding:
    began = time.time()
    theirs = float(ask())
    ended = time.time()
    # right at any moment between question and answer
    off = max(began - theirs, theirs - ended, 0.0)
    return verdict(
        off <= SKEW,
        f"the clock of {name} agrees with ours"
        if off <= SKEW
        else f"the clock of {name} is "
        f"{off:.0f} s {'behind' if theirs < began else 'ahead of'} ours",
        "set both by NTP: signatures are judged by our clock, and waits measured by both",
    )
