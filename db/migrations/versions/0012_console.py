"""Who did what in the console."""

import sqlalchemy as sa
from alembic import op

from db.base import SCHEMA

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TEXTS = ("by", "address", "action", "service", "target")


def upgrade() -> None:
    now = sa.text("now()")
    op.create_table(
        "console_actions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _TEXTS),
        sa.Column("count", sa.BigInteger()),
        sa.Column("page", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_actions")),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("console_actions", schema=SCHEMA)
