"""What Loops would send: events of its current shape (https://loops.so/docs/webhooks)."""

from typing import Any

from simulator import signing
from simulator.text import JSON

sign = signing.standard

CONTACT = "cm_ExampleContact"
LIST = "cm_ExampleList"
_EMAIL = {"id": "cm_ExampleMail", "emailMessageId": "cm_ExampleMessage", "subject": "Welcome"}
_CAMPAIGN = {"campaignId": "cm_ExampleCampaign"}


def _identity(**changes: Any) -> JSON:
    return {"id": CONTACT, "email": "ada@example.com", "userId": "user_ExampleUser"} | changes


def contact(**changes: Any) -> JSON:
    """Return a contact, with a property of one's own."""
    return {
        "id": CONTACT,
        "email": "ada@example.com",
        "firstName": "Ada",
        "lastName": "Example",
        "source": "API",
        "subscribed": True,
        "userGroup": "",
        "userId": "user_ExampleUser",
        "mailingLists": {LIST: True},
        "optInStatus": None,
        "favoriteColor": "blue",
    } | changes


def told(event_type: str, at: int, **more: Any) -> JSON:
    """Return what an event tells of the contact. `at`: Unix seconds."""
    common = {"eventName": event_type, "eventTime": at, "webhookSchemaVersion": "1.0.0"}
    return common | {"contactIdentity": _identity()} | _PARTS.get(event_type, {}) | more


def event(payload: JSON) -> JSON:
    """Return the payload as it is sent: its id is in the headers."""
    return {name: value for name, value in payload.items() if name != "id"}


def _of_mail(**source: str) -> JSON:
    return {"email": _EMAIL} | source


_OPENED = _of_mail(sourceType="campaign", **_CAMPAIGN)
_LIST: JSON = {"mailingList": {"id": LIST, "name": "News", "description": None, "isPublic": True}}
_PARTS: dict[str, JSON] = {
    "contact.created": {"contact": contact()},
    "contact.unsubscribed": {},
    "contact.deleted": {},
    "contact.mailingList.subscribed": _LIST,
    "contact.mailingList.unsubscribed": _LIST,
    "transactional.email.sent": _of_mail(
        transactionalId="cm_ExampleTransactional", transactionalName="Receipt"
    ),
    "campaign.email.sent": _of_mail(campaignName="News", **_CAMPAIGN) | {"mailingLists": []},
    "loop.email.sent": _of_mail(loopId="cm_ExampleLoop", loopName="Welcome") | {"mailingLists": []},
    "email.delivered": _OPENED,
    "email.softBounced": _OPENED,
    "email.hardBounced": _OPENED,
    "email.opened": _OPENED,
    "email.clicked": _OPENED,
    "email.unsubscribed": _OPENED,
    "email.resubscribed": _OPENED,
    "email.spamReported": _OPENED,
}
TEST = "testing.testEvent"
OBJECTS = (*_PARTS, TEST)


def example(event_type: str, now: int) -> JSON:
    """Return a realistic event. `now`: Unix seconds. Raises KeyError for an unknown type."""
    if event_type not in OBJECTS:
        raise KeyError(event_type)
    if event_type == TEST:  # it is of nobody
        common = {"eventName": TEST, "eventTime": now, "webhookSchemaVersion": "1.0.0"}
        return common | {"message": "test"}
    return told(event_type, now)
