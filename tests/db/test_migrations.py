"""The tables come and go by migrations, and match the models."""

import os
import subprocess
import sys

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
