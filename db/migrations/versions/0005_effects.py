"""Effects, and the dead ones among the dead letters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from db.base import SCHEMA

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_NOW = sa.text("now()")
_DEAD_EVENTS = f"""
    SELECT 'event' AS kind, service, event_id AS id, type, account, attempts, error,
        received_at, settled_at AS died_at, redriven_at
    FROM {SCHEMA}.events WHERE status = 'dead'
"""  # noqa: S608  our own schema
_DEAD_EFFECTS = f"""
    SELECT 'effect', target, id::text, action, '', attempts, error,
        created_at, settled_at, redriven_at
    FROM {SCHEMA}.effects WHERE status = 'dead'
"""  # noqa: S608  our own schema
_INDEXES = {
    "ix_effects_key": (["key"], True, None),
    "ix_effects_created_at": (["created_at"], False, None),
    "ix_effects_service_event_id": (["service", "event_id"], False, None),
    "ix_effects_waiting": (["target", "retry_at"], False, "status = 'waiting'"),
    "ix_effects_waiting_entity": (
        ["target", "action", "entity"],
        False,
        "status = 'waiting' AND entity IS NOT NULL",
    ),
    "ix_effects_leased": (
        ["target", "action", "entity"],
        True,
        "lease_token IS NOT NULL AND entity IS NOT NULL",
    ),
    "ix_effects_to_empty": (
        ["settled_at"],
        False,
        "status IN ('sent', 'merged', 'discarded') AND payload <> '{}'::jsonb",
    ),
    "ix_effects_given_up": (["target", "settled_at"], False, "status IN ('dead', 'held')"),
}


def upgrade() -> None:
    op.create_table(
        "effects",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=True),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column(
            "key", sa.Text(), server_default=sa.text("(gen_random_uuid())::text"), nullable=False
        ),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("retry_at", _TIME, server_default=_NOW, nullable=False),
        sa.Column("created_at", _TIME, server_default=_NOW, nullable=False),
        sa.Column("occurred_at", _TIME, server_default=_NOW, nullable=False),
        sa.Column("first_sent_at", _TIME, nullable=True),
        sa.Column("settled_at", _TIME, nullable=True),
        sa.Column("redriven_at", _TIME, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("event_id", sa.Text(), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_until", _TIME, nullable=True),
        sa.CheckConstraint(
            "status IN ('waiting', 'held', 'sent', 'merged', 'dead', 'discarded')",
            name=op.f("ck_effects_status"),
        ),
        sa.CheckConstraint("num_nonnulls(entity, payload) = 1", name=op.f("ck_effects_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_effects")),
        schema=SCHEMA,
    )
    for name, (columns, unique, where) in _INDEXES.items():
        partly = sa.text(where) if where else None
        op.create_index(
            name, "effects", columns, unique=unique, schema=SCHEMA, postgresql_where=partly
        )
    both = f"{_DEAD_EVENTS} UNION ALL {_DEAD_EFFECTS}"
    op.execute(f"CREATE OR REPLACE VIEW {SCHEMA}.dead_letters AS {both}")


def downgrade() -> None:
    op.execute(f"CREATE OR REPLACE VIEW {SCHEMA}.dead_letters AS {_DEAD_EVENTS}")
    op.drop_table("effects", schema=SCHEMA)
