"""Clerk's organizations, memberships and invitations, and more of its users."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from db.base import SCHEMA

revision = "0003"

down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = ("clerk_invitations", "clerk_memberships", "clerk_organizations")
_OF_USERS = (
    ("has_image", sa.Boolean()),
    ("locale", sa.Text()),
    ("deprovisioned", sa.Boolean()),
    ("password_enabled", sa.Boolean()),
    ("totp_enabled", sa.Boolean()),
    ("external_accounts", postgresql.JSONB(astext_type=sa.Text())),
    ("last_active_at", sa.DateTime(timezone=True)),
    ("legal_accepted_at", sa.DateTime(timezone=True)),
)
_INDEXES = (
    ("clerk_invitations", ["email_address"]),
    ("clerk_invitations", ["organization_id", "status"]),
    ("clerk_memberships", ["organization_id", "user_id"]),
    ("clerk_memberships", ["user_id"]),
    ("clerk_organizations", ["slug"]),
)


def _compress(table: str) -> None:
    """Use lz4, which takes Postgres a third less time than its own; not every server has it."""
    op.execute(f"""
        DO $$ BEGIN
            EXECUTE 'ALTER TABLE {SCHEMA}.{table} ALTER COLUMN data SET COMPRESSION lz4';
        EXCEPTION WHEN feature_not_supported OR syntax_error THEN NULL;
        END $$
    """)


def _name(table: str, columns: list[str]) -> str:
    return op.f(f"ix_{table}_{'_'.join(columns)}")


def upgrade() -> None:
    for name, type_ in _OF_USERS:
        op.add_column("clerk_users", sa.Column(name, type_, nullable=True), schema=SCHEMA)
    op.create_table(
        "clerk_invitations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("email_address", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("organization_id", sa.Text(), nullable=True),
        sa.Column("inviter_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_metadata", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("instance_id", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("clock", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("content_hash", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("last_event_id", sa.Text(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refetch_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "first_seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "written_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clerk_invitations")),
        schema=SCHEMA,
    )
    op.create_table(
        "clerk_memberships",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("role_name", sa.Text(), nullable=True),
        sa.Column("permissions", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("public_metadata", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("instance_id", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("clock", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("content_hash", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("last_event_id", sa.Text(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refetch_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "first_seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "written_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clerk_memberships")),
        schema=SCHEMA,
    )
    op.create_table(
        "clerk_organizations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("slug", sa.Text(), nullable=True),
        sa.Column("image_url", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("members_count", sa.BigInteger(), nullable=True),
        sa.Column("pending_invitations_count", sa.BigInteger(), nullable=True),
        sa.Column("max_allowed_memberships", sa.BigInteger(), nullable=True),
        sa.Column("admin_delete_enabled", sa.Boolean(), nullable=True),
        sa.Column("role_set_key", sa.Text(), nullable=True),
        sa.Column("public_metadata", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("last_active_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("instance_id", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("clock", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("content_hash", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("last_event_id", sa.Text(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refetch_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "first_seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "written_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clerk_organizations")),
        schema=SCHEMA,
    )
    for table, columns in _INDEXES:
        op.create_index(_name(table, columns), table, columns, unique=False, schema=SCHEMA)
    for table in _TABLES:
        _compress(table)


def downgrade() -> None:
    for table, columns in _INDEXES:
        op.drop_index(_name(table, columns), table_name=table, schema=SCHEMA)
    for table in _TABLES:
        op.drop_table(table, schema=SCHEMA)
    for name, _ in _OF_USERS:
        op.drop_column("clerk_users", name, schema=SCHEMA)
