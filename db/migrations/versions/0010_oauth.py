"""The accounts that somebody connected, and their tokens."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from db.base import SCHEMA

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TEXT, _NUMBER, _TIME = sa.Text(), sa.BigInteger(), sa.DateTime(timezone=True)
_STATUSES = ("active", "refreshing", "expiring", "exhausted", "revoked")


def _at(name: str, *, now: bool = False) -> sa.Column[datetime]:
    default = sa.text("now()") if now else None
    return sa.Column(name, _TIME, server_default=default, nullable=not now)


def _told(name: str, default: str) -> sa.Column[str]:
    return sa.Column(name, _TEXT, server_default=default, nullable=False)


def _counted(name: str, default: str = "0") -> sa.Column[int]:
    return sa.Column(name, _NUMBER, server_default=sa.text(default), nullable=False)


def _unknown(names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, _TEXT) for name in names.split()]


def upgrade() -> None:
    op.create_table(
        "oauth_connections",
        *(sa.Column(name, _TEXT, nullable=False) for name in ("service", "account")),
        _told("status", "active"),
        _told("external_id", ""),
        sa.Column(
            "scopes", postgresql.ARRAY(_TEXT), server_default=sa.text("'{}'"), nullable=False
        ),
        _told("token_type", "Bearer"),
        *_unknown("access_token refresh_token key_id"),
        _counted("token_version", "1"),
        _at("granted_at", now=True),
        *map(_at, ("expires_at", "refresh_expires_at", "refresh_at")),
        sa.Column("attempt", sa.Uuid()),
        *map(_at, ("attempt_at", "interrupted_at", "last_refresh_at", "last_failure_at")),
        *_unknown("last_error_code"),
        _counted("failures"),
        *map(_at, ("failing_since", "retry_at", "refused_at")),
        _told("connected_by", ""),
        _at("connected_at", now=True),
        _at("last_used_at"),
        sa.Column("extra", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("service", "account", name=op.f("pk_oauth_connections")),
        sa.CheckConstraint(f"status IN {_STATUSES}", name=op.f("ck_oauth_connections_status")),
        sa.CheckConstraint(
            "status <> 'revoked' OR num_nonnulls(access_token, refresh_token) = 0",
            name=op.f("ck_oauth_connections_wiped"),
        ),
        schema=SCHEMA,
    )
    _indexes()


def _indexes() -> None:
    for columns in (["service", "external_id"], ["key_id"]):
        name = f"ix_oauth_connections_{'_'.join(columns)}"
        op.create_index(name, "oauth_connections", columns, schema=SCHEMA)


def downgrade() -> None:
    op.drop_table("oauth_connections", schema=SCHEMA)
