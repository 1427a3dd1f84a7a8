"""What makes the tables ready to be read: comments, and a role that may read them and no more.

Both are no migrations. They follow from the models, and each migration ends by bringing them up
to date, whatever tables there are.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, inspect, text
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.schema import SetColumnComment, SetTableComment

from db import models  # noqa: F401  fills the metadata
from db.base import SCHEMA, Base, Mirrored
from db.views import VIEWS

READER = f"{SCHEMA[:56]}_reader"
"""The application's role. Roles are the whole cluster's: each schema has one of its own."""


def mirrors() -> list[Table]:
    """Return the tables that hold what the services say, by name."""
    classes: Iterator[Any] = (mapper.class_ for mapper in Base.registry.mappers)
    tables = [model.__table__ for model in classes if issubclass(model, Mirrored)]
    return sorted(tables, key=lambda table: table.name)


def described() -> list[Table]:
    """Return all tables and views that have comments: views, mirrors, the others."""
    others = [table for table in Base.metadata.sorted_tables if table not in mirrors()]
    return [*VIEWS.sorted_tables, *mirrors(), *others]


def prepare(connection: Connection) -> None:
    """Write the comments, and let the role read, if we may: `granted` tells."""
    inspector = inspect(connection)
    found = inspector.get_multi_columns(schema=SCHEMA, kind=ObjectKind.ANY)
    said = inspector.get_multi_table_comment(schema=SCHEMA, kind=ObjectKind.ANY)
    there = [table for table in described() if (SCHEMA, table.name) in found]
    for table in there:
        key = (SCHEMA, table.name)
        if said[key]["text"] != table.comment:
            connection.exec_driver_sql(_table_comment(connection, table))
        for change in _column_comments(table, found[key]):
            connection.execute(change)
    _grant(connection, [t.fullname for t in there if t in mirrors() or t.metadata is VIEWS])


def _table_comment(connection: Connection, table: Table) -> str:
    statement = str(SetTableComment(table).compile(connection))
    return statement.replace("TABLE", "VIEW", 1) if table.metadata is VIEWS else statement


def _column_comments(table: Table, found: list[ReflectedColumn]) -> Iterator[SetColumnComment]:
    for there in found:
        column = table.columns.get(there["name"])
        if column is not None and there.get("comment") != column.comment:
            yield SetColumnComment(column)


def _grant(connection: Connection, names: list[str]) -> None:
    """Make the role and let it read; what we may not do is left to who may.

    Where nothing is left to read, nothing is left that it may do. The role itself stays: others of
    the cluster may use it, and whom it was given to would not have it after the next upgrade.
    """
    create = f"IF to_regrole('{READER}') IS NULL THEN CREATE ROLE {READER} NOLOGIN; END IF"
    use, read = f"USAGE ON SCHEMA {SCHEMA}", f"SELECT ON {', '.join(names)}"
    grants = [create, f"GRANT {use} TO {READER}", f"GRANT {read} TO {READER}"]
    for statement in grants if names else [f"REVOKE {use} FROM {READER}"]:
        # undefined: not made; duplicate and unique: another database's migration was quicker
        tolerated = "insufficient_privilege OR undefined_object OR duplicate_object"
        connection.exec_driver_sql(f"""
            DO $$ BEGIN {statement};
            EXCEPTION WHEN {tolerated} OR unique_violation THEN NULL; END $$
        """)


_GRANTED = text(f"""
    SELECT has_schema_privilege(reader, CAST(to_regnamespace(:schema) AS oid), 'USAGE') IS TRUE
        AND NOT EXISTS (SELECT FROM unnest(CAST(:names AS text[])) AS read(name)
            WHERE has_table_privilege(reader, CAST(to_regclass(name) AS oid), 'SELECT') IS NOT TRUE)
    FROM (SELECT CAST(to_regrole('{READER}') AS oid)) AS role(reader)
""")  # noqa: S608  our own name


def granted(connection: Connection) -> bool:
    """Return whether the role is there and may read every mirror and view."""
    names = [table.fullname for table in (*mirrors(), *VIEWS.sorted_tables)]
    return bool(connection.execute(_GRANTED, {"schema": SCHEMA, "names": names}).scalar_one())
