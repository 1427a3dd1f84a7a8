"""Codes and links that Clerk sends, and nobody keeps."""

import json

import pytest

from integrations import INTEGRATIONS
from integrations.errors import Unreadable
from tests.integrations.examples import CREATED, OBJECTS, clerk_event, read

CLERK = INTEGRATIONS["clerk"]
USER = OBJECTS["clerk"]["user"]

INVITATION = OBJECTS["clerk"]["organization_invitation"] | {"url": "https://x.org/?t=s3cret"}
SECRETS = {
    "organizationInvitation.created": INVITATION,
    "waitlistEntry.updated": {
        "object": "waitlistEntry",
        "id": "wle_1",
        "updated_at": CREATED * 1000,
        "invitation": {"object": "invitation", "id": "inv_1", "url": "https://x.org/?t=s3cret"},
    },
    "user.updated": USER
    | {"phone_numbers": [{"object": "phone_number", "id": "idn_9", "backup_codes": ["s3cret"]}]},
    "email.created": {
        "object": "email",
        "id": "ema_1",
        "slug": "verification_code",
        "subject": "s3cret is your code",
        "body": "<b>s3cret</b>",
        "data": {"otp_code": "s3cret"},
        "new_field": "s3cret",
    },
    "sms.created": {"object": "sms_message", "id": "sms_1", "message": "s3cret is your code"},
}


@pytest.mark.parametrize("type", SECRETS)
def test_codes_and_links_are_withheld_and_all_else_is_read(type):
    came = json.dumps(clerk_event(SECRETS[type], type)).encode()
    safe = CLERK.withhold(came)
    assert b"s3cret" in came
    assert b"s3cret" not in safe
    assert CLERK.withhold(safe) is safe
    assert read("clerk", came).payload == json.loads(safe)
    assert read("clerk", came).snapshot.object["id"] == SECRETS[type]["id"]


def test_of_a_message_is_kept_which_it_was_and_whose():
    told = SECRETS["email.created"] | {"user_id": "user_1", "status": "queued"}
    kept = {
        "object": "email",
        "id": "ema_1",
        "slug": "verification_code",
        "user_id": "user_1",
        "status": "queued",
    }
    assert read("clerk", clerk_event(told, "email.created")).payload["data"] == kept
    inside = {"object": "session", "id": "sess_1", "sent": [told]}
    assert read("clerk", clerk_event(inside, "session.created")).payload["data"]["sent"] == [kept]


@pytest.mark.parametrize("data", [["s3cret"], "s3cret", 5])
def test_a_message_that_is_no_object_is_unreadable_without_its_code(data):
    event = clerk_event(USER) | {"type": "sms.created", "data": data}
    assert b"s3cret" not in CLERK.withhold(json.dumps(event).encode())
    with pytest.raises(Unreadable, match=r"^Envelope\.data: "):
        read("clerk", event)


@pytest.mark.parametrize(
    "obj", [USER, {"object": "sms", "id": "é", "type": "invitation"}, {"": "é", "None": 1}], ids=str
)
def test_the_very_same_bytes_are_handed_on_when_nothing_in_them_is_secret(obj):
    came = json.dumps(clerk_event(obj)).encode()
    assert CLERK.withhold(came) is came
