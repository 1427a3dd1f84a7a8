"""What Clerk says: the envelope of an event, and the objects in it."""

from typing import Any

from pydantic import Field

from integrations.schema import JSON, Id, Instant, Milliseconds, Resource, Shape


class Envelope(Shape):
    """An event (clerk/openapi-specs webhooks/2025-04-15.yml, WebhookEventPayload)."""

    id: Id
    type: Id
    timestamp: Instant | None = None
    instance_id: Id | None = None
    data: JSON = Field(default_factory=dict)


class Times(Shape):
    """The clock of an object."""

    updated_at: Instant | None = None


class Verification(Shape):
    """Whether an address was shown to be the user's."""

    status: str | None = None


class Identifier(Shape):
    """An e-mail address or a phone number of a user."""

    id: str | None = None
    email_address: str | None = None
    phone_number: str | None = None
    verification: Verification | None = None

    @property
    def verified(self) -> bool:
        """Return whether Clerk counts it as the user's."""
        return self.verification is not None and self.verification.status == "verified"


class User(Resource):
    """https://clerk.com/docs/reference/backend/types/backend-user; times in milliseconds."""

    external_id: str | None = None
    primary_email_address_id: str | None = None
    primary_phone_number_id: str | None = None
    email_addresses: list[Identifier] = Field(default_factory=list)
    phone_numbers: list[Identifier] = Field(default_factory=list)
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    image_url: str | None = None
    public_metadata: dict[str, Any] | None = None
    banned: bool | None = None
    locked: bool | None = None
    two_factor_enabled: bool | None = None
    last_sign_in_at: Milliseconds | None = None
    created_at: Milliseconds | None = None
    updated_at: Milliseconds | None = None

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
