"""The ledger, and the first mirrors of Stripe and Clerk."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from db.base import SCHEMA

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


_MIRRORS = (
    "clerk_users",
    "stripe_customers",
    "stripe_prices",
    "stripe_products",
    "stripe_subscription_items",
    "stripe_subscriptions",
)


def _compress(table: str, column: str) -> None:
    """Use lz4, which takes Postgres a third less time than its own; not every server has it."""
    op.execute(f"""
        DO $$ BEGIN
            EXECUTE 'ALTER TABLE {SCHEMA}.{table} ALTER COLUMN {column} SET COMPRESSION lz4';
        EXCEPTION WHEN feature_not_supported OR syntax_error THEN NULL;
        END $$
    """)


def upgrade() -> None:
    op.create_table(
        "clerk_users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("primary_email", sa.Text(), nullable=True),
        sa.Column("primary_email_verified", sa.Boolean(), nullable=True),
        sa.Column("primary_phone", sa.Text(), nullable=True),
        sa.Column("username", sa.Text(), nullable=True),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("image_url", sa.Text(), nullable=True),
        sa.Column("public_metadata", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("banned", sa.Boolean(), nullable=True),
        sa.Column("locked", sa.Boolean(), nullable=True),
        sa.Column("two_factor_enabled", sa.Boolean(), nullable=True),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clerk_users")),
        schema=SCHEMA,
    )
    op.create_index(
        op.f("ix_clerk_users_external_id"),
        "clerk_users",
        ["external_id"],
        unique=False,
        schema=SCHEMA,
    )
    op.create_index(
        op.f("ix_clerk_users_primary_email"),
        "clerk_users",
        ["primary_email"],
        unique=False,
        schema=SCHEMA,
    )
    op.create_table(
        "events",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redriven_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('received', 'handled', 'ignored', 'retrying', 'dead', 'discarded')",
            name=op.f("ck_events_status"),
        ),
        sa.PrimaryKeyConstraint("service", "event_id", name=op.f("pk_events")),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_events_dead",
        "events",
        ["service", "settled_at"],
        unique=False,
        schema=SCHEMA,
        postgresql_where="status = 'dead'",
    )
    op.create_index(
        "ix_events_received",
        "events",
        ["service", "received_at"],
        unique=False,
        schema=SCHEMA,
        postgresql_where="status = 'received'",
    )
    op.create_index(
        "ix_events_retrying",
        "events",
        ["service", "retry_at"],
        unique=False,
        schema=SCHEMA,
        postgresql_where="status = 'retrying'",
    )
    op.create_index(
        op.f("ix_events_service_received_at"),
        "events",
        ["service", "received_at"],
        unique=False,
        schema=SCHEMA,
    )
    op.create_table(
        "stripe_customers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("balance", sa.BigInteger(), nullable=True),
        sa.Column("delinquent", sa.Boolean(), nullable=True),
        sa.Column("default_payment_method", sa.Text(), nullable=True),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=True),
        sa.Column("api_version", sa.Text(), nullable=True),
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
        sa.PrimaryKeyConstraint("account", "id", name=op.f("pk_stripe_customers")),
        schema=SCHEMA,
    )
    op.create_index(
        op.f("ix_stripe_customers_email"),
        "stripe_customers",
        ["email"],
        unique=False,
        schema=SCHEMA,
    )
    op.create_table(
        "stripe_prices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("unit_amount", sa.BigInteger(), nullable=True),
        sa.Column("unit_amount_decimal", sa.Numeric(), nullable=True),
        sa.Column("billing_scheme", sa.Text(), nullable=True),
        sa.Column("recurring_interval", sa.Text(), nullable=True),
        sa.Column("recurring_interval_count", sa.BigInteger(), nullable=True),
        sa.Column("lookup_key", sa.Text(), nullable=True),
        sa.Column("nickname", sa.Text(), nullable=True),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=True),
        sa.Column("api_version", sa.Text(), nullable=True),
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
        sa.PrimaryKeyConstraint("account", "id", name=op.f("pk_stripe_prices")),
        schema=SCHEMA,
    )
    op.create_index(
        op.f("ix_stripe_prices_product"), "stripe_prices", ["product"], unique=False, schema=SCHEMA
    )
    op.create_table(
        "stripe_products",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("default_price", sa.Text(), nullable=True),
        sa.Column("unit_label", sa.Text(), nullable=True),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=True),
        sa.Column("api_version", sa.Text(), nullable=True),
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
        sa.PrimaryKeyConstraint("account", "id", name=op.f("pk_stripe_products")),
        schema=SCHEMA,
    )
    op.create_table(
        "stripe_subscription_items",
        sa.Column("subscription", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("price", sa.Text(), nullable=True),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("current_period_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("current_period_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=True),
        sa.Column("api_version", sa.Text(), nullable=True),
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
        sa.PrimaryKeyConstraint(
            "account", "subscription", "id", name=op.f("pk_stripe_subscription_items")
        ),
        schema=SCHEMA,
    )
    op.create_index(
        op.f("ix_stripe_subscription_items_price"),
        "stripe_subscription_items",
        ["price"],
        unique=False,
        schema=SCHEMA,
    )
    op.create_table(
        "stripe_subscriptions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("collection_method", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("start_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("current_period_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("current_period_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trial_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trial_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_at_period_end", sa.Boolean(), nullable=True),
        sa.Column("cancel_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("canceled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("latest_invoice", sa.Text(), nullable=True),
        sa.Column("default_payment_method", sa.Text(), nullable=True),
        sa.Column("metadata", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=True),
        sa.Column("api_version", sa.Text(), nullable=True),
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
        sa.PrimaryKeyConstraint("account", "id", name=op.f("pk_stripe_subscriptions")),
        schema=SCHEMA,
    )
    op.create_index(
        op.f("ix_stripe_subscriptions_customer_status"),
        "stripe_subscriptions",
        ["customer", "status"],
        unique=False,
        schema=SCHEMA,
    )
    _compress("events", "body")
    for table in _MIRRORS:
        _compress(table, "data")
    op.execute(f"""  -- what was given up on, of all kinds
        CREATE VIEW {SCHEMA}.dead_letters AS
        SELECT 'event' AS kind, service, event_id AS id, type, account, attempts, error,
            received_at, settled_at AS died_at, redriven_at
        FROM {SCHEMA}.events WHERE status = 'dead'
    """)  # noqa: S608  our own schema


def downgrade() -> None:
    op.execute(f"DROP VIEW {SCHEMA}.dead_letters")
    op.drop_index(
        op.f("ix_stripe_subscriptions_customer_status"),
        table_name="stripe_subscriptions",
        schema=SCHEMA,
    )
    op.drop_table("stripe_subscriptions", schema=SCHEMA)
    op.drop_index(
        op.f("ix_stripe_subscription_items_price"),
        table_name="stripe_subscription_items",
        schema=SCHEMA,
    )
    op.drop_table("stripe_subscription_items", schema=SCHEMA)
    op.drop_table("stripe_products", schema=SCHEMA)
    op.drop_index(op.f("ix_stripe_prices_product"), table_name="stripe_prices", schema=SCHEMA)
    op.drop_table("stripe_prices", schema=SCHEMA)
    op.drop_index(op.f("ix_stripe_customers_email"), table_name="stripe_customers", schema=SCHEMA)
    op.drop_table("stripe_customers", schema=SCHEMA)
    op.drop_index(op.f("ix_events_service_received_at"), table_name="events", schema=SCHEMA)
    op.drop_index(
        "ix_events_retrying",
        table_name="events",
        schema=SCHEMA,
        postgresql_where="status = 'retrying'",
    )
    op.drop_index(
        "ix_events_received",
        table_name="events",
        schema=SCHEMA,
        postgresql_where="status = 'received'",
    )
    op.drop_index(
        "ix_events_dead", table_name="events", schema=SCHEMA, postgresql_where="status = 'dead'"
    )
    op.drop_table("events", schema=SCHEMA)
    op.drop_index(op.f("ix_clerk_users_primary_email"), table_name="clerk_users", schema=SCHEMA)
    op.drop_index(op.f("ix_clerk_users_external_id"), table_name="clerk_users", schema=SCHEMA)
    op.drop_table("clerk_users", schema=SCHEMA)
