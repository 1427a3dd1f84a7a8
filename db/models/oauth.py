"""The accounts of others that we may act for, and what we hold for that."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base

OAUTH_STATUSES = ("active", "refreshing", "expiring", "exhausted", "revoked")


class OAuthConnection(Base):
    """An account at a service that somebody connected, and its tokens, which are encrypted."""

    __tablename__ = "oauth_connections"
    __table_args__ = (
        CheckConstraint(f"status IN {OAUTH_STATUSES}", name="status"),
        CheckConstraint(
            "status <> 'revoked' OR num_nonnulls(access_token, refresh_token) = 0", name="wiped"
        ),
        Index(None, "service", "external_id"),
        Index(None, "key_id"),
    )
    service: Mapped[str] = mapped_column(primary_key=True, comment="Whose tokens these are")
    account: Mapped[str] = mapped_column(primary_key=True, comment="What you call the account")
    status: Mapped[str] = mapped_column(
        server_default="active",
        comment="active, refreshing, expiring (it does not succeed, or ends soon), "
        "exhausted (to be connected again) or revoked",
    )
    external_id: Mapped[str] = mapped_column(
        server_default="", comment="What the service calls the account; '' if it does not say"
    )
    scopes: Mapped[list[str]] = mapped_column(
        ARRAY(TEXT()), server_default=text("'{}'"), comment="What we may do"
    )
    token_type: Mapped[str] = mapped_column(server_default="Bearer", comment="As the service says")
    access_token: Mapped[str | None] = mapped_column(comment="Encrypted")
    refresh_token: Mapped[str | None] = mapped_column(comment="Encrypted")
    key_id: Mapped[str | None] = mapped_column(comment="Which of ENCRYPTION_KEYS encrypted these")
    token_version: Mapped[int] = mapped_column(
        server_default=text("1"), comment="Grows whenever the tokens are others"
    )
    granted_at: Mapped[datetime] = mapped_column(
        server_default=text("now()"), comment="Since when the access token is there"
    )
    expires_at: Mapped[datetime | None] = mapped_column(
        comment="When the access token ends; null is never"
    )
    refresh_expires_at: Mapped[datetime | None] = mapped_column(
        comment="When the refresh token ends, if nobody uses it; null is never"
    )
    refresh_at: Mapped[datetime | None] = mapped_column(
        comment="From when it is refreshed ahead; null is never"
    )
    attempt: Mapped[UUID | None] = mapped_column(comment="Which process refreshes it")
    attempt_at: Mapped[datetime | None] = mapped_column(comment="Since when")
    interrupted_at: Mapped[datetime | None] = mapped_column(
        comment="When the refresh token may have been used, without our having its answer"
    )
    last_refresh_at: Mapped[datetime | None] = mapped_column(comment="When that succeeded last")
    last_failure_at: Mapped[datetime | None] = mapped_column(comment="When that failed last")
    last_error_code: Mapped[str | None] = mapped_column(comment="Why")
    failures: Mapped[int] = mapped_column(
        server_default=text("0"), comment="How often it failed since it succeeded last"
    )
    failing_since: Mapped[datetime | None] = mapped_column(
        comment="Since when, not counting what we have set up wrongly"
    )
    retry_at: Mapped[datetime | None] = mapped_column(
        comment="Before this it is not tried again; null for one that is exhausted is never"
    )
    refused_at: Mapped[datetime | None] = mapped_column(
        comment="When the service refused the access token first, though it should work"
    )
    connected_by: Mapped[str] = mapped_column(server_default="", comment="Who connected it")
    connected_at: Mapped[datetime] = mapped_column(
        server_default=text("now()"), comment="When, the last time"
    )
    last_used_at: Mapped[datetime | None] = mapped_column(
        comment="When somebody asked for the token last, to the hour"
    )
    extra: Mapped[dict[str, Any]] = mapped_column(
        JSONB(), server_default=text("'{}'"), comment="What else the service said, without tokens"
    )
