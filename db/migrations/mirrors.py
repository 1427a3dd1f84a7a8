"""What the migrations of the mirrors are made of. Frozen, as they are."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from db.base import SCHEMA

TEXT, NUMBER, TIME, FLAG = sa.Text(), sa.BigInteger(), sa.DateTime(timezone=True), sa.Boolean()
MONEY, PARTS = NUMBER, JSONB(astext_type=sa.Text())
Columns = list[tuple[Any, str]]
"""Types, and the names of the columns that have them."""
Indexes = Sequence[tuple[str, tuple[str, ...]]]


def _columns(listed: Columns) -> Iterator[sa.Column[Any]]:
    return (sa.Column(name, kind) for kind, names in listed for name in names.split())


def _common() -> Iterator[sa.Column[Any]]:
    """Yield what every mirror has, but for its key and its service's own columns."""
    yield sa.Column("data", PARTS)
    for name in ("clock", "content_hash"):
        yield sa.Column(name, NUMBER, server_default=sa.text("0"), nullable=False)
    yield from _columns([(TEXT, "source last_event_id"), (TIME, "deleted_at refetch_at")])
    for name in ("first_seen_at", "written_at"):
        yield sa.Column(name, TIME, server_default=sa.text("now()"), nullable=False)


def create(table: str, key: Sequence[str], listed: Columns) -> None:
    """Make the table of a mirror."""
    identity = [sa.Column(name, TEXT, nullable=False) for name in key]
    constraint = sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}"))
    columns = [*identity, *_columns(listed), *_common()]
    op.create_table(table, *columns, constraint, schema=SCHEMA)
    _compress(table)


def _compress(table: str) -> None:
    """Use lz4, which takes Postgres a third less time than its own; not every server has it."""
    op.execute(f"""
        DO $$ BEGIN
            EXECUTE 'ALTER TABLE {SCHEMA}.{table} ALTER COLUMN data SET COMPRESSION lz4';
        EXCEPTION WHEN feature_not_supported OR syntax_error THEN NULL;
        END $$
    """)


def add(table: str, listed: Columns) -> None:
    """Add columns to a table."""
    for column in _columns(listed):
        op.add_column(table, column, schema=SCHEMA)


def remove(table: str, listed: Columns) -> None:
    """Remove columns from a table."""
    for column in _columns(listed):
        op.drop_column(table, column.name, schema=SCHEMA)


def add_indexes(indexes: Indexes) -> None:
    """Make the indexes, each named after its table and columns."""
    for table, columns in indexes:
        op.create_index(_index(table, columns), table, columns, schema=SCHEMA)


def remove_indexes(indexes: Indexes) -> None:
    """Remove the indexes."""
    for table, columns in indexes:
        op.drop_index(_index(table, columns), table_name=table, schema=SCHEMA)


def _index(table: str, columns: Sequence[str]) -> str:
    return op.f(f"ix_{table}_{'_'.join(columns)}")


def fetch_again(table: str) -> None:
    """Ask for all that stands: it has more columns now, and lists in it may have been cut short.

    What is deleted cannot be fetched any more.
    """
    op.execute(f"""
        UPDATE {SCHEMA}.{table}
        SET refetch_at = to_timestamp(least(clock / 1000 + 1, 253402300799))
        WHERE clock > 0 AND deleted_at IS NULL AND refetch_at IS NULL
    """)  # noqa: S608  our own names


def forget(field: str, *tables: str, of: str = "") -> None:
    """Take the fields of a name that are not to be kept out of the JSON that stands, at any depth.

    They go from objects of the type `of`, or from all. What other fields hold stays.
    """
    op.execute(f"""
        CREATE FUNCTION {SCHEMA}.without(value jsonb, field text) RETURNS jsonb LANGUAGE plpgsql
        AS $$ BEGIN RETURN CASE jsonb_typeof(value)
            WHEN 'object' THEN (
                SELECT coalesce(jsonb_object_agg(k, {SCHEMA}.without(v, field)), '{{}}')
                FROM jsonb_each(value) AS inner_one(k, v) WHERE k <> field
                    OR '{of}' <> '' AND value ->> 'object' IS DISTINCT FROM '{of}')
            WHEN 'array' THEN (
                SELECT coalesce(jsonb_agg({SCHEMA}.without(v, field) ORDER BY n), '[]')
                FROM jsonb_array_elements(value) WITH ORDINALITY AS inner_one(v, n))
            ELSE value END; END $$
    """)  # noqa: S608  our own schema
    for table in tables:
        op.execute(f"""
            UPDATE {SCHEMA}.{table} SET data = {SCHEMA}.without(data, '{field}')
            WHERE jsonb_path_exists(data, '$.**.{field}')
        """)  # noqa: S608  our own names
    op.execute(f"DROP FUNCTION {SCHEMA}.without")
