"""What Loops says of a few contacts, and what must stand of them (its OpenAPI 1.21.6)."""

from tallyman.testing.conformance import Said, Story
from tallyman.testing.conformance.subject import CREATED

_WHO = {"id": "cm_Example", "email": "ada@example.org", "userId": None}
_NAMED = _WHO | {"email": "bea@example.org", "userId": "user_Example"}
_LIST = {"id": "li_Example", "name": "News", "description": None, "isPublic": True}


def _told(type, at, who=_WHO, of=None, **more):
    return Said(type, {"id": of or who["id"], "contactIdentity": who} | more, at)


def _of_list(type, at):
    return _told(type, at, of="cm_Example:li_Example", mailingList=_LIST)


def _created(at, **fields):
    contact = {
        "id": "cm_Example",
        "email": "ada@example.org",
        "firstName": "Ada",
        "source": "API",
        "subscribed": True,
        "userGroup": "beta",
        "userId": None,
        "mailingLists": {"li_Example": True},
        "optInStatus": None,
        "favoriteNumber": 42,
    }
    return _told("contact.created", at, contact=contact | fields)


LEFT = Story(
    said=[
        _created(0),
        _told("email.softBounced", 1),
        _told("email.hardBounced", 2, _NAMED),
        _told("contact.unsubscribed", 2, _NAMED),  # comes with a hard bounce
        _told("email.softBounced", 0),
    ],
    ends={
        "loops_contacts": {
            "cm_Example": {
                "email": "bea@example.org",
                "user_id": "user_Example",
                "first_name": "Ada",
                "user_group": "beta",
                "created_by": "API",
                "subscribed": False,
                "subscribed_at": CREATED,
                "unsubscribed_at": CREATED + 2,
                "soft_bounced_at": CREATED + 1,
                "hard_bounced_at": CREATED + 2,
                "complained_at": None,
                "deleted_at": None,
                "refetch_at": None,
                "clock": CREATED * 1000,
            }
        },
        "loops_list_members": {
            "cm_Example:li_Example": {
                "contact_id": "cm_Example",
                "list_id": "li_Example",
                "subscribed": True,
                "subscribed_at": CREATED,
            }
        },
    },
)

BACK = Story(
    said=[
        _told("contact.unsubscribed", 1),
        _told("email.resubscribed", 2),
        _told("email.unsubscribed", 3),  # from a list, which another event tells
        _of_list("contact.mailingList.subscribed", 2),
        _of_list("contact.mailingList.unsubscribed", 3),
    ],
    ends={
        "loops_contacts": {
            "cm_Example": {
                "email": "ada@example.org",
                "subscribed": True,
                "data": None,
                "clock": 0,
                "last_event_id": None,
            }
        },
        "loops_list_members": {"cm_Example:li_Example": {"subscribed": False}},
    },
)

AT_ONCE = Story(
    said=[
        _told("email.resubscribed", 1),
        _told("contact.unsubscribed", 1),
        _of_list("contact.mailingList.unsubscribed", 1),
        _of_list("contact.mailingList.subscribed", 1),
    ],
    ends={
        "loops_contacts": {"cm_Example": {"subscribed": False, "refetch_at": None}},
        "loops_list_members": {"cm_Example:li_Example": {"subscribed": False, "refetch_at": None}},
    },
)

GONE = Story(
    said=[
        _created(0, subscribed=False, mailingLists={}),
        _told("email.spamReported", 1),
        _told("contact.deleted", 2),
        _told("contact.unsubscribed", 2),
        _told("email.opened", 3, _NAMED),
    ],
    ends={
        "loops_contacts": {
            "cm_Example": {
                "first_name": "Ada",
                "subscribed": False,
                "subscribed_at": None,
                "complained_at": CREATED + 1,
                "opened_at": CREATED + 3,
                "deleted_at": CREATED + 2,
                "email": "bea@example.org",
            }
        },
        "loops_list_members": {},
    },
)

MAILS = Story(
    said=[
        _told("campaign.email.sent", 0),
        _told("loop.email.sent", 1),
        _told("transactional.email.sent", 2),
        _told("email.delivered", 3),
        _told("email.clicked", 4),
    ],
    ends={
        "loops_contacts": {
            "cm_Example": {
                "sent_at": CREATED + 2,
                "delivered_at": CREATED + 3,
                "clicked_at": CREATED + 4,
                "opened_at": None,
                "subscribed": None,
            }
        }
    },
)

STORIES = {
    "a contact bounces and is unsubscribed": LEFT,
    "somebody leaves, comes back and leaves a list": BACK,
    "two things in one second": AT_ONCE,
    "a contact is deleted, and opens a mail": GONE,
    "mails are sent, delivered and clicked": MAILS,
}
