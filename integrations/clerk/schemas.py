"""What Clerk says: the envelope of an event, and the objects in it, of all versions.

The current fields are those of clerk/openapi-specs (webhooks/2025-04-15.yml, bapi/2026-05-12.yml).
"""

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field

from integrations.clerk import withheld
from integrations.schema import (
    JSON,
    BigInt,
    Id,
    Line,
    Milliseconds,
    Ref,
    Resource,
    Shape,
    Word,
)

Item = TypeVar("Item")
Listed = Annotated[list[Item], BeforeValidator(lambda value: [] if value is None else value)]


def _role(value: str) -> str:
    """Return the role as instances name it since December 2023.

    https://clerk.com/docs/organizations/roles-permissions: before, they had admin, basic_member.
    """
    return value if ":" in value else {"basic_member": "org:member"}.get(value, f"org:{value}")


Role = Annotated[str, AfterValidator(_role)]


class Verification(Shape):
    """Whether an address was shown to be the user's."""

    status: str | None = None


class Identifier(Shape):
    """An e-mail address or a phone number of a user."""

    id: str | None = None
    email_address: Line | None = None
    phone_number: str | None = None
    verification: Verification | None = None

    @property
    def verified(self) -> bool:
        """Return whether Clerk counts it as the user's."""
        return self.verification is not None and self.verification.status == "verified"


class ExternalAccount(Shape):
    """An account elsewhere that the user signs in with.

    It was a google_account with a google_id, or a facebook_account, before there were providers;
    these are called google or oauth_google.
    """

    object: str | None = None
    named: str | None = Field(None, validation_alias="provider")
    provider_user_id: str | None = Field(
        None, validation_alias=AliasChoices("provider_user_id", "google_id", "facebook_id")
    )

    @property
    def provider(self) -> str:
        """Return who holds the account, such as google; '' where nothing says so."""
        name = self.named or (self.object or "").removesuffix("_account")
        return name.removeprefix("oauth_")


class ClerkObject(Resource):
    """An object of Clerk; times come in milliseconds, in older examples in seconds."""

    public_metadata: dict[str, Any] | None = None
    created_at: Milliseconds | None = None
    updated_at: Milliseconds | None = None

    @staticmethod
    def withhold(body: bytes) -> bytes:
        """Return an object's JSON without codes and links."""
        return withheld.withhold(body)


class User(ClerkObject):
    """https://clerk.com/docs/reference/backend/types/backend-user."""

    external_id: Line | None = None
    primary_email_address_id: str | None = None
    primary_phone_number_id: str | None = None
    email_addresses: Listed[Identifier] = Field(default_factory=list)
    phone_numbers: Listed[Identifier] = Field(default_factory=list)
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    image_url: str | None = Field(
        None, validation_alias=AliasChoices("image_url", "profile_image_url")
    )
    has_image: bool | None = None
    locale: str | None = None
    banned: bool | None = None
    locked: bool | None = None
    deprovisioned: bool | None = None
    password_enabled: bool | None = None
    two_factor_enabled: bool | None = None
    totp_enabled: bool | None = None
    external_accounts: list[ExternalAccount] | None = None
    last_sign_in_at: Milliseconds | None = None
    last_active_at: Milliseconds | None = None
    legal_accepted_at: Milliseconds | None = None

    @property
    def accounts(self) -> list[JSON] | None:
        """Return the accounts elsewhere in one form; None where the event does not tell."""
        if self.external_accounts is None:
            return None
        return [
            {"provider": a.provider, "provider_user_id": a.provider_user_id}
            for a in self.external_accounts
        ]

    @property
    def primary_email(self) -> Identifier | None:
        """Return the primary e-mail address; None where the user has none."""
        return _primary(self.email_addresses, self.primary_email_address_id)

    @property
    def primary_phone(self) -> Identifier | None:
        """Return the primary phone number; None where the user has none."""
        return _primary(self.phone_numbers, self.primary_phone_number_id)


def _primary(identifiers: list[Identifier], primary_id: str | None) -> Identifier | None:
    return next((i for i in identifiers if primary_id is not None and i.id == primary_id), None)


class Organization(ClerkObject):
    """https://clerk.com/docs/reference/backend/types/backend-organization."""

    name: str | None = None
    slug: Line | None = None
    image_url: str | None = Field(None, validation_alias=AliasChoices("image_url", "logo_url"))
    created_by: Id | None = None
    members_count: BigInt | None = None
    pending_invitations_count: BigInt | None = None
    max_allowed_memberships: BigInt | None = None
    admin_delete_enabled: bool | None = None
    role_set_key: str | None = None
    last_active_at: Milliseconds | None = None


class PublicUser(Shape):
    """What others may see of a user."""

    user_id: Id | None = None


class Membership(ClerkObject):
    """https://clerk.com/docs/reference/backend/types/backend-organization-membership."""

    organization: Ref | None = None
    public_user_data: PublicUser | None = None
    role: Role | None = None
    role_name: str | None = None
    permissions: list[str] | None = None

    @property
    def user_id(self) -> str | None:
        """Return whose membership it is."""
        return self.public_user_data.user_id if self.public_user_data else None


class Invitation(ClerkObject):
    """https://clerk.com/docs/reference/backend/types/backend-organization-invitation."""

    email_address: Line | None = None
    role: Role | None = None
    organization_id: Id | None = None
    inviter_id: Id | None = None
    status: Word | None = None
    expires_at: Milliseconds | None = None
