"""Ada, who is to be forgotten, and Bob, who is not: told by three services and in an archive."""

import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

ADDRESS = "ada.l@example.com"
PHONE = "+4915112345678"
NAME = "Ada Lovelace"
WORDS = (ADDRESS, "ada.l@", PHONE, "Lovelace", "Analytical Street")


PAYLOAD = (
    "INSERT INTO effects (target, action, payload, status, settled_at, service, event_id)"
    " VALUES ('app', 'event', %s, %s, now(), 'clerk', 'm1')"
)


@pytest.fixture
def everywhere(bucket: str, sql: psycopg.Connection) -> Callable[[], str]:
    """Return all that is in the schema, in Redis and in the bucket, as text."""
    return lambda: "\n".join([*_tables(), *_keys(), *_objects(bucket)])


def _tables() -> Iterator[str]:
    from db.base import Base
    from db.session import engine

    with engine().connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.exec_driver_sql(f"SELECT * FROM {table.fullname}").mappings():
                plain = {n: v.decode() if isinstance(v, bytes) else v for n, v in row.items()}
                yield f"{table.name} {json.dumps(plain, default=str, ensure_ascii=False)}"


def _keys() -> Iterator[str]:
    """Yield what is in Redis, but for how the calls to R2 went: that moves with every look."""
    from worker.inbox import redis

    shown: dict[Any, Any] = {
        b"stream": redis().xrange,
        b"list": lambda key: redis().lrange(key, 0, -1),
    }
    shown |= {b"hash": redis().hgetall, b"set": redis().smembers, b"string": redis().get}
    for key in sorted(redis().scan_iter(count=1000)):
        if not key.startswith(b"tallyman:outbound"):
            yield repr((key, shown.get(redis().type(key), repr)(key)))


def _objects(bucket: str) -> Iterator[str]:
    from integrations.r2.client import client

    for one in client().list_objects_v2(Bucket=bucket).get("Contents", []):
        body = client().get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
        yield gzip.decompress(body).decode()


@pytest.fixture
def known(sql, clean):
    """Everything was told, and things were noted about it."""
    from tests.worker.erase.people import told

    told()
    sql.execute(PAYLOAD, [f'{{"email": "{ADDRESS}", "name": "{NAME}"}}', "sent"])
    sql.execute(PAYLOAD, [f'{{"id": "user_1", "name": "{NAME}"}}', "waiting"])
    sql.execute(PAYLOAD, ['{"id": "user_12", "name": "Bob"}', "waiting"])
    sql.execute("UPDATE effects SET event_id = 'm6' WHERE id = (SELECT max(id) FROM effects)")
    sql.execute(PAYLOAD, [f'{{"name": "{NAME}"}}', "waiting"])
    sql.execute(
        "INSERT INTO drift (run_id, service, table_name, row_id, field, here, there, cause) VALUES"
        " (1, 'clerk', 'clerk_users', 'user_1', 'first_name', 'sha256:1', 'x', 'missed event')"
    )
    sql.execute(f"UPDATE events SET error = 'refused {ADDRESS}' WHERE event_id = 'm3'")
    sql.execute(
        "INSERT INTO console_actions (by, address, action, service, target, page)"
        f" VALUES ('ops', '', 'reveal', 'clerk', 'text {ADDRESS}', '/')"
    )
