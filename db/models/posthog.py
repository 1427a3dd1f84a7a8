"""What we keep of PostHog.

The fields are those of https://posthog.com/docs/api/feature-flags.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Mirrored


class FeatureFlag(Mirrored, Base):
    """A feature flag, as it is set up. https://posthog.com/docs/api/feature-flags.

    No webhook tells of one: it is as it was when it was last listed.
    """

    __tablename__ = "posthog_feature_flags"
    __fetched__ = True
    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(index=True)
    name: Mapped[str | None] = mapped_column(comment="feature_flag.name: what describes the flag")
    active: Mapped[bool | None]
    filters: Mapped[dict[str, Any] | None] = mapped_column(
        comment="feature_flag.filters: who gets which variant"
    )
    version: Mapped[int | None]
    rollout_percentage: Mapped[float | None] = mapped_column(
        comment="feature_flag.rollout_percentage; null where filters say more than one number can"
    )
    ensure_experience_continuity: Mapped[bool | None]
    is_remote_configuration: Mapped[bool | None]
    has_encrypted_payloads: Mapped[bool | None]
    evaluation_runtime: Mapped[str | None] = mapped_column(
        comment="feature_flag.evaluation_runtime: server, client or all"
    )
    bucketing_identifier: Mapped[str | None] = mapped_column(
        comment="feature_flag.bucketing_identifier: distinct_id or device_id"
    )
    tags: Mapped[list[Any] | None]
    status: Mapped[str | None]
    last_called_at: Mapped[datetime | None]
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
