"""GitHub's tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from db.base import SCHEMA

revision = "github"
down_revision = "0008"
branch_labels = None
depends_on = None

_JSON = postgresql.JSONB(astext_type=sa.Text())
_TIME = sa.DateTime(timezone=True)
_REPOSITORY = (
    ("full_name", sa.Text()),
    ("private", sa.Boolean()),
    ("archived", sa.Boolean()),
    ("default_branch", sa.Text()),
    ("open_issues_count", sa.BigInteger()),
    ("created_at", _TIME),
    ("updated_at", _TIME),
)
_ISSUE = (
    ("repository", sa.Text()),
    ("number", sa.BigInteger()),
    ("title", sa.Text()),
    ("state", sa.Text()),
    ("author", sa.Text()),
    ("created_at", _TIME),
    ("updated_at", _TIME),
    ("closed_at", _TIME),
)
_TABLES = {
    "github_repositories": (_REPOSITORY, ["full_name"]),
    "github_issues": (_ISSUE, ["repository", "number"]),
}


def upgrade() -> None:
    now, zero = sa.text("now()"), sa.text("0")
    for table, (columns, indexed) in _TABLES.items():
        op.create_table(
            table,
            sa.Column("id", sa.Text(), nullable=False),
            *(sa.Column(name, type_, nullable=True) for name, type_ in columns),
            sa.Column("data", _JSON, nullable=True),
            sa.Column("clock", sa.BigInteger(), server_default=zero, nullable=False),
            sa.Column("content_hash", sa.BigInteger(), server_default=zero, nullable=False),
            sa.Column("source", sa.Text(), nullable=True),
            sa.Column("last_event_id", sa.Text(), nullable=True),
            sa.Column("deleted_at", _TIME, nullable=True),
            sa.Column("refetch_at", _TIME, nullable=True),
            sa.Column("first_seen_at", _TIME, server_default=now, nullable=False),
            sa.Column("written_at", _TIME, server_default=now, nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
            schema=SCHEMA,
        )
        index = op.f(f"ix_{table}_{'_'.join(indexed)}")
        op.create_index(index, table, indexed, schema=SCHEMA)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table, schema=SCHEMA)
