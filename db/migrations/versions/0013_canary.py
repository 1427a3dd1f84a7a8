"""Redrives in steps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from db.base import SCHEMA

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TEXT, _NUMBER, _TIME = sa.Text(), sa.BigInteger(), sa.DateTime(timezone=True)
_SMALL, _FLOAT, _NOW = sa.SmallInteger(), sa.Float(), sa.text("now()")
_STATUSES = ("running", "complete", "halted")
_LETTERS = (
    *("waiting", "sent", "failing", "mended", "died"),
    *("superseded", "held", "skipped"),
)
_BLOCKING = ("waiting", "sent", "failing", "died", "held")


def upgrade() -> None:
    op.create_table(
        "redrives",
        sa.Column("id", _NUMBER, sa.Identity(always=True), nullable=False),
        *(sa.Column(name, _TEXT, nullable=False) for name in ["cause", "kind", "service", "type"]),
        sa.Column("error", _TEXT, nullable=False),
        sa.Column("status", _TEXT, server_default="running", nullable=False),
        sa.Column("step", _SMALL, server_default=sa.text("0"), nullable=False),
        sa.Column("per_second", _FLOAT, nullable=False),
        sa.Column("halt_percent", _FLOAT, nullable=False),
        sa.Column("counts", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("failures", _SMALL, server_default=sa.text("0"), nullable=False),
        sa.Column("reason", _TEXT),
        sa.Column("started_by", _TEXT, server_default="", nullable=False),
        *(
            sa.Column(name, _TIME, server_default=_NOW, nullable=False)
            for name in ("started_at", "paced_at", "written_at")
        ),
        sa.Column("finished_at", _TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redrives")),
        sa.CheckConstraint(f"status IN {_STATUSES}", name=op.f("ck_redrives_status")),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_redrives_running",
        "redrives",
        ["cause"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("status = 'running'"),
    )
    _letters()


def _letters() -> None:
    op.create_table(
        "redrive_letters",
        sa.Column("redrive_id", _NUMBER, nullable=False),
        sa.Column("position", _NUMBER, nullable=False),
        sa.Column("letter", _TEXT, nullable=False),
        sa.Column("entity", _TEXT),
        sa.Column("status", _TEXT, server_default="waiting", nullable=False),
        sa.Column("step", _SMALL),
        sa.Column("sent_at", _TIME),
        sa.PrimaryKeyConstraint("redrive_id", "position", name=op.f("pk_redrive_letters")),
        sa.CheckConstraint(f"status IN {_LETTERS}", name=op.f("ck_redrive_letters_status")),
        schema=SCHEMA,
    )
    op.create_index(
        op.f("ix_redrive_letters_redrive_id_status_position"),
        "redrive_letters",
        ["redrive_id", "status", "position"],
        schema=SCHEMA,
    )
    op.create_index(
        "ix_redrive_letters_entity",
        "redrive_letters",
        ["redrive_id", "entity", "position"],
        schema=SCHEMA,
        postgresql_where=sa.text(f"status IN {_BLOCKING}"),
    )


def downgrade() -> None:
    op.drop_table("redrive_letters", schema=SCHEMA)
    op.drop_table("redrives", schema=SCHEMA)
