"""The envelope of an event."""

from pydantic import Field

from integrations.schema import JSON, Id, Seconds, SecondsOrISO, Shape


class Contents(Shape):
    """The `data` of an event."""

    object: JSON = Field(default_factory=dict)


class Envelope(Shape):
    """An event. https://docs.stripe.com/api/events/object.

    Thin events have no `data`, and an ISO time (SDK stripe/v2/core/_event.py).
    """

    id: Id
    type: Id
    created: SecondsOrISO
    account: Id | None = None
    livemode: bool | None = None
    api_version: str | None = None
    data: Contents = Contents()


class Times(Shape, title="Product"):
    """The clock of a product; no other object that we keep has one."""

    updated: Seconds | None = None
