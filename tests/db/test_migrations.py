"""The tables come and go by migrations, and match the models."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from alembic import command

from tests.conftest import _SETTINGS

LOCK = "SELECT pg_advisory_lock(hashtext('tallyman migrate'))"
WAITING = """
    SELECT count(*), coalesce(min(now() - query_start), '0') > make_interval(secs => %s)
    FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND NOT granted
"""
UPGRADE = "from db import migrate; migrate.upgrade()"
# the same with a lock timeout that a test can outwait
HURRIED = f"from db import session; session._LIMITS['lock_timeout'] = '50ms'; {UPGRADE}"


@pytest.fixture
def base(tables: None) -> Iterator[psycopg.Connection[Any]]:
    """No tables of ours; all of them again afterwards."""
    from db import migrate

    migrate.downgrade("base")
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        yield connection
    migrate.upgrade()


def relations(connection):
    query = "SELECT relname FROM pg_class WHERE relnamespace = 'tallyman_test'::regnamespace"
    return {name for (name,) in connection.execute(query)}


def test_nothing_of_ours_is_left_at_the_base(base):
    assert relations(base) <= {"alembic_version", "alembic_version_pkc"}


def test_up_down_and_up_again_ends_in_the_same_tables(base):
    from db import migrate

    migrate.upgrade()
    first = relations(base)
    migrate.downgrade("base")
    migrate.upgrade()

    assert relations(base) == first
    assert {"events", "stripe_customers", "clerk_users", "dead_letters"} <= first


def test_the_migrations_lead_to_what_the_models_say(tables):
    from db import migrate

    command.check(migrate.config())


def test_it_is_known_whether_the_tables_are_the_newest(base):
    from db import migrate

    assert not migrate.newest()
    migrate.upgrade()
    assert migrate.newest()


def test_migrations_leave_the_public_schema_alone(base):
    from db import migrate

    migrate.upgrade()
    found = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    assert base.execute(found).fetchone() == (0,)


def start(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | _SETTINGS,
        stderr=subprocess.PIPE,
        text=True,
    )


def until_waiting(connection, count, at_least):
    """Ask until so many migrations wait for the lock, each for so many seconds."""
    for _ in range(2_000):
        connection.execute("SELECT pg_sleep(0.02)")
        if connection.execute(WAITING, [at_least]).fetchone() == (count, True):
            return
    raise AssertionError("no migration waits")


def ended_well(*processes):
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors


def test_two_migrations_at_once_wait_for_each_other(base):
    from db import migrate

    base.execute(LOCK)
    both = [start(UPGRADE), start(UPGRADE)]
    until_waiting(base, 2, at_least=0)
    assert "events" not in relations(base)

    base.execute("SELECT pg_advisory_unlock_all()")
    ended_well(*both)
    assert migrate.newest()


def test_a_migration_waits_for_another_longer_than_any_lock_timeout(base):
    base.execute(LOCK)
    waiting = start(HURRIED)
    until_waiting(base, 1, at_least=0.2)

    base.execute("SELECT pg_advisory_unlock_all()")
    ended_well(waiting)


def test_the_items_that_stand_are_known_by_their_version_after_0002(base):
    from db import migrate

    migrate.upgrade("0001")
    base.execute("""
        INSERT INTO tallyman_test.stripe_subscriptions
            (account, id, clock, content_hash, last_event_id, data)
        VALUES ('', 'sub_1', 1700000000000, -9223372036854775807, 'evt_1', '{"items": {}}'),
            ('', 'sub_2', 5000, 7, 'evt_2', '{"items": {"has_more": true}}'),
            ('', 'sub_3', 0, 0, NULL, NULL)
    """)
    migrate.upgrade()

    found = base.execute("""
        SELECT members_version FROM tallyman_test.stripe_subscriptions ORDER BY id
    """).fetchall()
    assert found == [
        ("1 0000001700000000000 00000000000000000001 evt_1",),
        ("0 0000000000000005000 09223372036854775815 evt_2",),
        (None,),
    ]


def test_0002_names_a_version_as_the_worker_does(base):
    from db import migrate
    from db.session import transaction
    from integrations.interface import Snapshot
    from integrations.stripe import STRIPE
    from worker import rows

    migrate.upgrade()
    columns = {"account": "", "livemode": False, "api_version": None}
    object = {"object": "subscription", "id": "sub_1", "items": {"data": [{"id": "si_1"}]}}
    told = Snapshot("subscription", object, 1_700_000_000_000, "webhook", None, "evt_1", columns)
    with transaction() as session:
        rows.upsert(session, [(told, STRIPE.mirrors["subscription"].project(told))])
    (named,) = base.execute("""
        SELECT members_version = concat_ws(' ', 1, lpad(clock::text, 19, '0'),
            lpad((content_hash + 9223372036854775808)::text, 20, '0'), last_event_id)
        FROM tallyman_test.stripe_subscriptions
    """).fetchone()
    assert named is True
