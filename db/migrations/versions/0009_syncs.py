"""Runs of syncs, their cursors, drift, the schedule's slots, and the shapes of what is told."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from db.base import SCHEMA

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TEXT, _NUMBER, _TIME = sa.Text(), sa.BigInteger(), sa.DateTime(timezone=True)
_NOW, _ZERO = sa.text("now()"), sa.text("0")
_CAUSES = (
    "missed event",
    "dead letter",
    "waiting event",
    "changed here",
    "changed there without an event",
    "created before us",
    "our defect",
)


_FETCHED = (
    *("stripe_customers", "stripe_products", "stripe_prices", "stripe_subscriptions"),
    *("stripe_invoices", "stripe_invoice_payments", "stripe_entitlement_summaries"),
    *("stripe_payment_methods", "stripe_payment_intents", "stripe_charges", "stripe_refunds"),
    *("stripe_disputes", "stripe_checkout_sessions", "clerk_users", "clerk_organizations"),
    *("clerk_memberships", "clerk_invitations", "posthog_feature_flags", "r2_objects"),
)
_TO_FETCH = {
    "refetch": ("refetch_at", "refetch_at IS NOT NULL AND deleted_at IS NULL"),
    "unknown": ("first_seen_at", "refetch_at IS NULL AND source IS NULL AND deleted_at IS NULL"),
}


def _counted(names: str) -> list[sa.Column[int]]:
    return [
        sa.Column(name, _NUMBER, server_default=_ZERO, nullable=False) for name in names.split()
    ]


def _at(name: str, *, now: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, _TIME, server_default=_NOW if now else None, nullable=not now)


def _text(names: str, *, null: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, _TEXT, nullable=null) for name in names.split()]


def _account() -> sa.Column[str]:
    return sa.Column("account", _TEXT, server_default="", nullable=False)


def upgrade() -> None:
    _runs()
    _cursors()
    _drift()
    op.create_table(
        "sync_seen",
        sa.Column("run_id", _NUMBER, nullable=False),
        *_text("row_id"),
        sa.PrimaryKeyConstraint("run_id", "row_id", name=op.f("pk_sync_seen")),
        schema=SCHEMA,
    )
    op.create_table(
        "schedule_slots",
        *_text("schedule"),
        sa.Column("slot", _NUMBER, nullable=False),
        _at("taken_at", now=True),
        sa.PrimaryKeyConstraint("schedule", "slot", name=op.f("pk_schedule_slots")),
        schema=SCHEMA,
    )
    _shapes()
    for table in _FETCHED:
        for name, (column, where) in _TO_FETCH.items():
            op.create_index(
                f"ix_{table}_{name}",
                table,
                [column],
                schema=SCHEMA,
                postgresql_where=sa.text(where),
            )


def _runs() -> None:
    op.create_table(
        "sync_runs",
        sa.Column("id", _NUMBER, sa.Identity(always=True), nullable=False),
        *_text("service name kind"),
        _account(),
        sa.Column("status", _TEXT, server_default="running", nullable=False),
        sa.Column("plan", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _at("started_at", now=True),
        *(_at(name) for name in ("finished_at", "gap_from", "gap_to")),
        *_counted("there here fetched applied failed gone"),
        *_text("error", null=True),
        sa.CheckConstraint(
            "status IN ('running', 'complete', 'stopped', 'failed')",
            name=op.f("ck_sync_runs_status"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_runs")),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_sync_runs_running",
        "sync_runs",
        ["service", "name", "kind", "account"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_index(
        "ix_sync_runs_service_name_started_at",
        "sync_runs",
        ["service", "name", "started_at"],
        schema=SCHEMA,
    )


def _cursors() -> None:
    op.create_table(
        "sync_cursors",
        *_text("service name kind"),
        _account(),
        sa.Column("run_id", _NUMBER),
        *_text("cursor", null=True),
        sa.Column("state", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        _at("complete_until"),
        sa.Column("lease_token", sa.Uuid()),
        _at("lease_until"),
        _at("written_at", now=True),
        sa.PrimaryKeyConstraint("service", "name", "kind", "account", name=op.f("pk_sync_cursors")),
        schema=SCHEMA,
    )


def _drift() -> None:
    op.create_table(
        "drift",
        sa.Column("id", _NUMBER, sa.Identity(always=True), nullable=False),
        sa.Column("run_id", _NUMBER, nullable=False),
        *_text("service table_name row_id"),
        _account(),
        *_text("field"),
        *_text("here there", null=True),
        *_text("cause"),
        _at("found_at", now=True),
        _at("repaired_at"),
        sa.CheckConstraint(f"cause IN {_CAUSES}", name=op.f("ck_drift_cause")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drift")),
        schema=SCHEMA,
    )
    op.create_index("ix_drift_run_id", "drift", ["run_id"], schema=SCHEMA)
    op.create_index(
        "ix_drift_service_table_name_row_id",
        "drift",
        ["service", "table_name", "row_id"],
        schema=SCHEMA,
    )


def _shapes() -> None:
    op.create_table(
        "shapes",
        *_text("service of path"),
        sa.Column("types", postgresql.ARRAY(_TEXT), nullable=False),
        *_counted("seen missed"),
        *(_at(name, now=True) for name in ("first_seen_at", "last_seen_at")),
        *_text("change", null=True),
        _at("reported_at"),
        sa.PrimaryKeyConstraint("service", "of", "path", name=op.f("pk_shapes")),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_shapes_reported_at",
        "shapes",
        ["reported_at"],
        schema=SCHEMA,
        postgresql_where=sa.text("reported_at IS NOT NULL"),
    )


def downgrade() -> None:
    for table in _FETCHED:
        for name in _TO_FETCH:
            op.drop_index(f"ix_{table}_{name}", table_name=table, schema=SCHEMA)
    for table in ("shapes", "schedule_slots", "sync_seen", "drift", "sync_cursors", "sync_runs"):
        op.drop_table(table, schema=SCHEMA)
