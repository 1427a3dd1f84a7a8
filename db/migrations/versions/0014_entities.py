"""What an event is about; what was erased."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from db.base import SCHEMA

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TEXT, _TIME = sa.Text(), sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("events", sa.Column("entity", _TEXT), schema=SCHEMA)
    op.create_index(
        "ix_events_entity",
        "events",
        ["service", "entity"],
        schema=SCHEMA,
        postgresql_where=sa.text("entity IS NOT NULL"),
    )
    now = sa.text("now()")
    op.create_table(
        "erasures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("given", _TEXT, nullable=False),
        sa.Column("by", _TEXT, nullable=False),
        sa.Column("ids", postgresql.ARRAY(_TEXT), nullable=False),
        sa.Column("began_at", _TIME, server_default=now, nullable=False),
        sa.Column("finished_at", _TIME),
        sa.Column("counts", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("erasures", schema=SCHEMA)
    op.drop_index("ix_events_entity", "events", schema=SCHEMA)
    op.drop_column("events", "entity", schema=SCHEMA)
