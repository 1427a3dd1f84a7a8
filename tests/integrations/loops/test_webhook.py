"""Who calls as Loops, and what is read in its events."""

import time
from datetime import UTC, datetime

import pytest

from integrations.errors import InvalidSignature, Unreadable
from integrations.loops import LOOPS
from simulator import loops
from tests.integrations.examples import CREATED, SECRET, read, signed

BODY = b'{"eventName":"testing.testEvent"}'


def of(event_type, **more):
    told = loops.event(loops.told(event_type, CREATED)) | more
    return read("loops", told, webhook_id="msg_1")


def test_only_the_standard_names_of_the_headers_count():
    """Loops sends no svix-...: what stands there was signed by nobody."""
    headers = signed(LOOPS, BODY)
    other = {name.replace("webhook-", "svix-"): value for name, value in headers.items()}
    LOOPS.verify(BODY, headers, [SECRET], time.time())
    with pytest.raises(InvalidSignature) as refused:
        LOOPS.verify(BODY, other, [SECRET], time.time())
    assert refused.value.reason == "missing_header"


def test_an_event_is_known_by_its_message_and_told_at_its_time_in_seconds():
    event = of("email.hardBounced")
    assert (event.id, event.type) == ("msg_1", "email.hardBounced")
    assert event.occurred_at == datetime.fromtimestamp(CREATED, UTC)
    assert event.snapshot.clock == CREATED * 1000
    assert event.snapshot.gone_at is None


def test_a_deleted_contact_is_gone_since_the_events_time():
    assert of("contact.deleted").snapshot.gone_at == datetime.fromtimestamp(CREATED, UTC)


def test_the_test_event_is_of_nobody():
    event = read("loops", loops.example("testing.testEvent", CREATED), webhook_id="msg_1")
    assert event.snapshot.object_type == ""


def test_a_type_that_loops_has_not_yet_is_of_nobody():
    assert of("contact.promoted").snapshot.object_type == ""


def test_a_member_of_a_list_is_known_by_the_contact_and_the_list():
    snapshot = of("contact.mailingList.unsubscribed").snapshot
    assert snapshot.object_type == "list_member"
    assert snapshot.object["id"] == "cm_ExampleContact:cm_ExampleList"


@pytest.mark.parametrize(
    ("spoilt", "field"),
    [({"eventName": ""}, "eventName"), ({"eventTime": "soon"}, "eventTime")],
)
def test_an_event_with_a_wrong_field_is_unreadable_and_says_which(spoilt, field):
    with pytest.raises(Unreadable, match=rf"^Envelope\.{field}: "):
        of("email.opened", **spoilt)


@pytest.mark.parametrize("identity", [None, {}, {"id": 5}, "cm_1"])
def test_an_event_about_nobody_in_particular_is_unreadable(identity):
    event = of("email.opened", contactIdentity=identity)
    with pytest.raises(Unreadable, match=r"^Told\.(id|contactIdentity)"):
        LOOPS.mirrors["contact"].project(event.snapshot)
