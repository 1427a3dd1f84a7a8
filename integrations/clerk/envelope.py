"""What stands around an object in an event of Clerk."""

from pydantic import Field

from integrations.schema import JSON, Id, Instant, Shape


class Envelope(Shape):
    """An event (clerk/openapi-specs webhooks/2025-04-15.yml, WebhookEventPayload)."""

    id: Id
    type: Id
    timestamp: Instant | None = None
    instance_id: Id | None = None
    data: JSON = Field(default_factory=dict)


class Times(Shape, title="Envelope.data"):
    """The clock of an object."""

    updated_at: Instant | None = None
