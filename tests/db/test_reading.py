"""A role may read the mirrors and nothing else; who may not make it is told what to run."""

import os
import subprocess
import sys

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text

from db.base import Base
from db.reading import READER, granted, mirrors
from db.session import transaction
from db.views import VIEWS
from tests.conftest import _SETTINGS

READABLE = {table.name for table in (*mirrors(), *VIEWS.sorted_tables)}
MODEST = "tallyman_test_modest"  # a schema, and a role that may log in and make no roles
MIGRATE_AND_ASK = """
from db import migrate, reading
from db.session import transaction
migrate.upgrade()
with transaction() as session:
    print(reading.granted(session.connection()))
"""


def test_the_role_reads_a_mirror_and_a_view(sql):
    sql.execute(f"SET ROLE {READER}")
    assert sql.execute("SELECT count(*) FROM clerk_users").fetchone() == (0,)
    assert sql.execute("SELECT count(*) FROM organization_members").fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT body FROM events",
        "SELECT * FROM dead_letters",
        "SELECT * FROM alembic_version",
        "DELETE FROM clerk_users",
        "CREATE TABLE tallyman_test.mine ()",
    ],
)
def test_the_role_may_do_nothing_else(statement, sql):
    sql.execute(f"SET ROLE {READER}")
    with pytest.raises(InsufficientPrivilege):
        sql.execute(statement)


def test_no_table_is_forgotten_or_too_many(sql):
    query = "SELECT has_table_privilege(%s, %s::regclass, 'SELECT')"
    names = {table.name for table in Base.metadata.tables.values()} | READABLE
    may = {name for name in names if sql.execute(query, [READER, name]).fetchone() == (True,)}
    assert may == READABLE
    assert {"events"} <= names - may


def test_it_is_known_that_the_role_may_no_longer_read(sql):
    def is_granted():
        with transaction() as session:
            return granted(session.connection())

    assert is_granted()
    sql.execute(f"REVOKE SELECT ON clerk_users FROM {READER}")
    assert not is_granted()
    sql.execute(f"GRANT SELECT ON clerk_users TO {READER}")
    assert is_granted()


def test_there_is_nothing_to_read_where_nothing_is(sql):
    from db import migrate

    migrate.downgrade("0003")
    try:
        with transaction() as session:
            assert not granted(session.connection())
    finally:
        migrate.upgrade()


@pytest.fixture
def modest(sql):
    """A user of the cluster who may make schemas but no roles."""
    database = sql.execute("SELECT current_database()").fetchone()[0]
    sql.execute(f"CREATE ROLE {MODEST} LOGIN PASSWORD 'modest'")
    sql.execute(f'GRANT CREATE ON DATABASE "{database}" TO {MODEST}')
    yield
    sql.execute(f"DROP SCHEMA IF EXISTS {MODEST} CASCADE")
    sql.execute(f"DROP ROLE IF EXISTS {MODEST}_reader")
    sql.execute(f'REVOKE CREATE ON DATABASE "{database}" FROM {MODEST}')
    sql.execute(f"DROP ROLE {MODEST}")


def migrated_by_the_modest_one():
    given = psycopg.conninfo.conninfo_to_dict(os.environ["DATABASE_URL"])
    host, port, database = given["host"], given["port"], given["dbname"]
    mine = {
        "DATABASE_URL": f"postgresql:///{database}?{make_url(host, port)}",
        "DATABASE_SCHEMA": MODEST,
    }
    ran = subprocess.run(
        [sys.executable, "-c", MIGRATE_AND_ASK],
        env=os.environ | _SETTINGS | mine,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def make_url(host, port):
    return f"host={host}&port={port}&user={MODEST}&password=modest"


def test_who_may_make_no_roles_migrates_and_grants_once_the_role_is_there(modest, sql):
    assert migrated_by_the_modest_one() == "False"

    sql.execute(f"CREATE ROLE {MODEST}_reader NOLOGIN")
    assert migrated_by_the_modest_one() == "True"
    query = "SELECT has_schema_privilege(%s, %s, 'USAGE')"
    assert sql.execute(query, [f"{MODEST}_reader", "tallyman_test"]).fetchone() == (False,)


def test_the_role_is_of_the_schema(sql):
    assert READER == "tallyman_test_reader"
    with transaction() as session:
        found = session.execute(
            text("SELECT rolcanlogin FROM pg_roles WHERE rolname = :name"), {"name": READER}
        )
        assert found.scalar_one() is False


USAGE = "SELECT has_schema_privilege(%s, 'tallyman_test', 'USAGE')"


def test_going_down_leaves_the_role_to_the_cluster_and_nothing_that_it_may(base):
    from db import migrate

    found = base.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", [READER])
    assert found.fetchone() == (1,)
    assert base.execute(USAGE, [READER]).fetchone() == (False,)
    base.execute(f"DROP ROLE {READER}")  # nothing here depends on it
    migrate.downgrade("base")
    assert base.execute("SELECT to_regrole(%s)", [READER]).fetchone() == (None,)


def test_whom_the_role_was_given_to_reads_again_after_going_down_and_up(base):
    from db import migrate

    migrate.upgrade()
    base.execute(f"CREATE ROLE {MODEST} IN ROLE {READER}")
    try:
        migrate.downgrade("base")
        migrate.upgrade()
        base.execute(f"SET ROLE {MODEST}")
        query = "SELECT count(*) FROM tallyman_test.clerk_users"
        assert base.execute(query).fetchone() == (0,)
    finally:
        base.execute(f"RESET ROLE; DROP ROLE {MODEST}")
