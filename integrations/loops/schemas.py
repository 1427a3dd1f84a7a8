"""What Loops says (https://loops.so/docs/webhooks, OpenAPI 1.21.6)."""

from pydantic import Field

from integrations.schema import JSON, Id, Instant, Resource, Seconds, Shape


class Identity(Shape):
    """Whom an event is about; `user_id` is what we upserted the contact by."""

    id: Id
    email: str | None = None
    user_id: str | None = Field(None, validation_alias="userId")


class Envelope(Shape):
    """An event (WebhookBasePayload). Its id is in the headers, its time in seconds."""

    id: Id
    type: Id = Field(validation_alias="eventName")
    time: Instant = Field(validation_alias="eventTime")


class Contact(Resource):
    """A contact (WebhookContact); properties of one's own are further fields."""

    first_name: str | None = Field(None, validation_alias="firstName")
    last_name: str | None = Field(None, validation_alias="lastName")
    user_group: str | None = Field(None, validation_alias="userGroup")
    created_by: str | None = Field(None, validation_alias="source")
    opt_in_status: str | None = Field(None, validation_alias="optInStatus")
    subscribed: bool | None = None
    lists: dict[Id, bool] | None = Field(None, validation_alias="mailingLists")


class MailingList(Shape):
    """A mailing list (WebhookMailingList)."""

    id: Id


class Told(Resource):
    """What an event tells of a contact. Its id is ours: that of what the row is about."""

    type: Id = Field(validation_alias="eventName")
    at: Seconds = Field(validation_alias="eventTime")
    identity: Identity = Field(validation_alias="contactIdentity")
    contact: Contact | None = None


class ToldOfList(Told):
    """What an event tells of a contact on a mailing list."""

    mailing_list: MailingList = Field(validation_alias="mailingList")


def id_in(payload: JSON, name: str) -> str:
    """Return the id of a part of an event, '' where there is none."""
    part = payload.get(name)
    found = part.get("id") if isinstance(part, dict) else None
    return found if isinstance(found, str) else ""
