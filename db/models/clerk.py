"""What we keep of Clerk."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Mirrored


class User(Mirrored, Base):
    """A user. https://clerk.com/docs/reference/backend/types/backend-user.

    An e-mail address is not unique: who deletes the account and signs up again has a new id.
    """

    __tablename__ = "clerk_users"
    id: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[str | None]
    external_id: Mapped[str | None] = mapped_column(index=True)
    primary_email: Mapped[str | None] = mapped_column(index=True)
    primary_email_verified: Mapped[bool | None]
    primary_phone: Mapped[str | None]
    username: Mapped[str | None]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    image_url: Mapped[str | None]
    public_metadata: Mapped[dict[str, Any] | None]
    banned: Mapped[bool | None]
    locked: Mapped[bool | None]
    two_factor_enabled: Mapped[bool | None]
    last_sign_in_at: Mapped[datetime | None]
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
