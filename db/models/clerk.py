"""What we keep of Clerk.

The fields are those of clerk/openapi-specs, webhooks/2025-04-15.yml and bapi/2026-05-12.yml.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import ELSEWHERE, RESTLESS, Base, Mirrored


class ClerkMirrored(Mirrored):
    """Clerk's events name the instance, such as production, that they come from."""

    __fetched__ = True
    instance_id: Mapped[str | None] = mapped_column(comment="The event's instance_id")


class User(ClerkMirrored, Base):
    """A user. https://clerk.com/docs/reference/backend/types/backend-user.

    An e-mail address is not unique: who deletes the account and signs up again has a new id.
    """

    __tablename__ = "clerk_users"
    id: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str | None] = mapped_column(index=True)
    primary_email: Mapped[str | None] = mapped_column(
        index=True, comment="user.email_addresses: the one that primary_email_address_id names"
    )
    primary_email_verified: Mapped[bool | None] = mapped_column(
        comment="user.email_addresses: whether the primary one's verification.status is verified"
    )
    primary_phone: Mapped[str | None] = mapped_column(
        comment="user.phone_numbers: the one that primary_phone_number_id names"
    )
    username: Mapped[str | None]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    image_url: Mapped[str | None] = mapped_column(comment="user.image_url, once profile_image_url")
    has_image: Mapped[bool | None]
    locale: Mapped[str | None]
    public_metadata: Mapped[dict[str, Any] | None]
    banned: Mapped[bool | None]
    locked: Mapped[bool | None]
    deprovisioned: Mapped[bool | None]
    password_enabled: Mapped[bool | None]
    two_factor_enabled: Mapped[bool | None]
    totp_enabled: Mapped[bool | None]
    external_accounts: Mapped[list[Any] | None] = mapped_column(
        comment="user.external_accounts: provider and provider_user_id of each"
    )
    last_sign_in_at: Mapped[datetime | None]
    last_active_at: Mapped[datetime | None] = mapped_column(info=RESTLESS)
    legal_accepted_at: Mapped[datetime | None]
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]


class Organization(ClerkMirrored, Base):
    """An organization. https://clerk.com/docs/reference/backend/types/backend-organization.

    The counts are those of its last own event: a member who joins sends none.
    """

    __tablename__ = "clerk_organizations"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    slug: Mapped[str | None] = mapped_column(
        index=True, comment="organization.slug; null where the instance has slugs switched off"
    )
    image_url: Mapped[str | None] = mapped_column(comment="organization.image_url, once logo_url")
    created_by: Mapped[str | None] = mapped_column(comment="organization.created_by: a user's id")
    members_count: Mapped[int | None] = mapped_column(info=RESTLESS)
    pending_invitations_count: Mapped[int | None] = mapped_column(info=RESTLESS)
    max_allowed_memberships: Mapped[int | None]
    admin_delete_enabled: Mapped[bool | None]
    role_set_key: Mapped[str | None]
    public_metadata: Mapped[dict[str, Any] | None]
    last_active_at: Mapped[datetime | None] = mapped_column(info=RESTLESS)
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]


class Membership(ClerkMirrored, Base):
    """Who belongs to which organization.

    https://clerk.com/docs/reference/backend/types/backend-organization-membership. Who leaves and
    joins again has a new id, and the new one may be told before the old one's end is: of the rows
    that are not deleted, two may name the same user and organization for a moment.
    """

    __tablename__ = "clerk_memberships"
    __table_args__ = (
        Index(None, "organization_id", "user_id"),
        {"info": {ELSEWHERE: ("organization", "public_user_data")}},
    )
    __describes__ = "organization_membership"
    id: Mapped[str] = mapped_column(primary_key=True)
    organization_id: Mapped[str | None] = mapped_column(
        comment="organization_membership.organization.id"
    )
    user_id: Mapped[str | None] = mapped_column(
        index=True, comment="organization_membership.public_user_data.user_id"
    )
    role: Mapped[str | None] = mapped_column(
        comment="organization_membership.role, always as org:admin and org:member; "
        "admin and basic_member are the same in instances older than December 2023"
    )
    role_name: Mapped[str | None]
    permissions: Mapped[list[Any] | None]
    public_metadata: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]


class Invitation(ClerkMirrored, Base):
    """An invitation to an organization, without its link.

    https://clerk.com/docs/reference/backend/types/backend-organization-invitation. No event tells
    that one has expired: look at expires_at too.
    """

    __tablename__ = "clerk_invitations"
    __table_args__ = (Index(None, "organization_id", "status"),)
    __describes__ = "organization_invitation"
    id: Mapped[str] = mapped_column(primary_key=True)
    email_address: Mapped[str | None] = mapped_column(index=True)
    role: Mapped[str | None] = mapped_column(
        comment="organization_invitation.role, as in clerk_memberships"
    )
    organization_id: Mapped[str | None]
    inviter_id: Mapped[str | None] = mapped_column(
        comment="organization_invitation.inviter_id: a user's id"
    )
    status: Mapped[str | None] = mapped_column(
        comment="organization_invitation.status: pending, accepted, revoked or expired"
    )
    expires_at: Mapped[datetime | None]
    public_metadata: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
