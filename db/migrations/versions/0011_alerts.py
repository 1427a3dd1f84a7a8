"""Incidents, and what was told about them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from db.base import SCHEMA

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TEXT, _NUMBER, _TIME = sa.Text(), sa.BigInteger(), sa.DateTime(timezone=True)
_STATES = ("degraded", "silent", "failing")
_STATUSES = ("noticed", "passed", "open", "over")


def _texts(names: str, default: str | None = None) -> list[sa.Column[str]]:
    server = None if default is None else sa.text(f"'{default}'")
    return [sa.Column(name, _TEXT, server_default=server, nullable=False) for name in names.split()]


def _counts(**defaults: int) -> list[sa.Column[int]]:
    return [
        sa.Column(name, _NUMBER, server_default=sa.text(str(count)), nullable=False)
        for name, count in defaults.items()
    ]


def _times(names: str, *, known: bool) -> list[sa.Column[datetime]]:
    return [sa.Column(name, _TIME, nullable=not known) for name in names.split()]


def _numbered() -> sa.Column[int]:
    return sa.Column("id", _NUMBER, sa.Identity(always=True), nullable=False)


def _of_an_incident(*, known: bool) -> list[Any]:
    aim = f"{SCHEMA}.incidents.id"
    key = sa.ForeignKeyConstraint(["incident_id"], [aim], ondelete="CASCADE")
    return [sa.Column("incident_id", _NUMBER, nullable=not known), key]


def upgrade() -> None:
    op.create_table(
        "incidents",
        _numbered(),
        *_texts("service code"),
        *_texts("cause", ""),
        *_texts("state worst"),
        *_times("opened_at", known=True),
        *_times("closed_at eased_at", known=False),
        *_times("changed_at", known=True),
        *_counts(news=1, alarms=1, returns=0),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.CheckConstraint(
            f"state IN {_STATES} AND worst IN {_STATES}", name=op.f("ck_incidents_state")
        ),
        schema=SCHEMA,
    )
    _reasons()
    _tellings()
    _indexes()
    _quarters()


def _reasons() -> None:
    op.create_table(
        "incident_reasons",
        _numbered(),
        *_of_an_incident(known=False),
        *_texts("service code"),
        *_texts("cause", ""),
        *_texts("status state words"),
        *_texts("look mend page", ""),
        *_times("since", known=False),
        *_times("first_seen_at last_seen_at", known=True),
        *_counts(looks=1),
        *_times("gone_at", known=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_reasons")),
        sa.CheckConstraint(f"status IN {_STATUSES}", name=op.f("ck_incident_reasons_status")),
        sa.CheckConstraint(f"state IN {_STATES}", name=op.f("ck_incident_reasons_state")),
        schema=SCHEMA,
    )


def _tellings() -> None:
    op.create_table(
        "incident_tellings",
        *_of_an_incident(known=True),
        *_texts("channel"),
        *_counts(news=0, alarms=0),
        *_times("told_at", known=False),
        *_texts("place message", ""),
        *_counts(attempts=0),
        sa.Column("retry_at", _TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("error", _TEXT),
        sa.PrimaryKeyConstraint("incident_id", "channel", name=op.f("pk_incident_tellings")),
        schema=SCHEMA,
    )


def _indexes() -> None:
    for table, columns, where in (
        ("ix_incidents_open incidents", "service", "closed_at IS NULL"),
        ("ix_incidents_closed_at incidents", "closed_at", None),
        ("ix_incident_reasons_incident_id incident_reasons", "incident_id", None),
        ("ix_incident_reasons_passed incident_reasons", "gone_at", "status = 'passed'"),
        ("ix_incident_tellings_retry_at incident_tellings", "retry_at", None),
        (
            "uq_incident_reasons_living incident_reasons",
            "service code cause",
            "status IN ('noticed', 'open')",
        ),
    ):
        name, of = table.split()
        op.create_index(
            name,
            of,
            columns.split(),
            unique=name.startswith("uq"),
            schema=SCHEMA,
            postgresql_where=where and sa.text(where),
        )


def _quarters() -> None:
    """Make the counts of events by type and quarter of an hour, which tell what is usual."""
    op.create_table(
        "event_quarters",
        *_texts("service type"),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        *_times("last_at", known=True),
        sa.PrimaryKeyConstraint("service", "type", "slot", name=op.f("pk_event_quarters")),
        schema=SCHEMA,
    )


def downgrade() -> None:
    for table in ("event_quarters", "incident_tellings", "incident_reasons", "incidents"):
        op.drop_table(table, schema=SCHEMA)
