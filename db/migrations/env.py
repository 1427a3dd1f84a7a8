"""How Alembic reaches the database: our settings, our schema, one transaction."""

from alembic import context
from sqlalchemy import Connection, text

from db.base import SCHEMA, Base
from db.reading import prepare
from db.session import engine


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "schema" or name == SCHEMA


def _migrate(connection: Connection) -> None:
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    # A user of the schema's own name has it as default, and Alembic would then see no schema at
    # all (alembic cookbook, "Rudimentary Schema-Level Multi Tenancy").
    connection.execute(text("SET LOCAL search_path TO public"))
    connection.dialect.default_schema_name = "public"
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        version_table_schema=SCHEMA,
        include_schemas=True,
        include_name=_is_ours,
        compare_server_default=True,
    )
    context.run_migrations()
    prepare(connection)


with engine().begin() as connection:
    # the limits are for daily work: another migration, or an index, may take its time
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('tallyman migrate'))"))
    # what waits for a table's lock makes all others wait behind it, so that limit stays
    connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))
    _migrate(connection)
