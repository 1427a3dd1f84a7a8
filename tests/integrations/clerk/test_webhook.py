"""What is peculiar to Clerk: Svix's headers, no id in the body, and two units of time."""

import time
from datetime import UTC, datetime

import pytest

from integrations import INTEGRATIONS
from integrations.errors import InvalidSignature, Unreadable
from tests.integrations.examples import CREATED, OBJECTS, SECRET, clerk_event, read, signed

CLERK = INTEGRATIONS["clerk"]
USER = OBJECTS["clerk"]["user"]
BODY = b'{"type":"user.created"}'
CREATED_AT = datetime.fromtimestamp(CREATED, UTC)


def standard(headers):
    """Return the headers under the names of Standard Webhooks."""
    return {name.replace("svix-", "webhook-"): value for name, value in headers.items()}


def verify(headers, body=BODY):
    CLERK.verify(body, headers, [SECRET], time.time())


def reason(headers, body=BODY):
    with pytest.raises(InvalidSignature) as refused:
        verify(headers, body)
    return refused.value.reason


@pytest.fixture
def headers():
    return signed(CLERK, BODY)


def test_both_families_of_header_names_pass(headers):
    verify(headers)
    verify(standard(headers))


def test_the_id_is_that_which_was_signed_when_both_families_are_sent(headers):
    """Who catches a delivery must not give it another id: it would be applied again."""
    both = standard(headers) | {"svix-id": "msg_forged"}
    assert reason(both) == "signature_mismatch"
    verify(headers | {"webhook-id": "msg_forged"})
    event = read("clerk", clerk_event(USER), svix_id="msg_1", webhook_id="msg_forged")
    assert event.id == "msg_1"


def test_another_id_is_refused(headers):
    assert reason(headers | {"svix-id": "msg_forged"}) == "signature_mismatch"


def test_one_valid_signature_is_enough_and_other_versions_are_skipped(headers):
    good = headers["svix-signature"]
    for several in (f"v2,AAAA {good}", f"{good} v2,AAAA", f"v1,AAAA {good}", f"v1a,AAAA {good}"):
        verify(headers | {"svix-signature": several})
    alone = good.replace("v1,", "v2,")
    assert reason(headers | {"svix-signature": alone}) == "signature_mismatch"


@pytest.mark.parametrize("value", ["v1,", ",", "v1,A", "v1,é", "v1,a,b", "v1,AAAA  v1,AAAA", ", ,"])
def test_a_signature_of_any_form_is_a_mismatch(headers, value):
    assert reason(headers | {"svix-signature": value}) == "signature_mismatch"


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "soon", "1e999"])
def test_a_time_that_is_no_number_is_malformed(headers, value):
    assert reason(headers | {"svix-timestamp": value}) == "malformed_header"


def test_a_body_that_is_not_utf8_is_a_mismatch_whatever_its_signature(headers):
    assert reason(headers, b"\xff\xfe") == "signature_mismatch"


@pytest.mark.parametrize("header", ["svix_id", "webhook_id"])
def test_the_events_id_is_the_message_id(header):
    event = read("clerk", clerk_event(USER, id="evt_in_the_body"), **{header: "msg_7"})
    assert event.id == event.snapshot.event_id == "msg_7"


@pytest.mark.parametrize("headers", [{"other": "x"}, {"svix_id": ""}, {"svix_id": "x" * 256}])
def test_a_delivery_is_unreadable_when_its_message_id_is_missing(headers):
    with pytest.raises(Unreadable, match=r"^Envelope\.id: "):
        read("clerk", clerk_event(USER), **headers)


@pytest.mark.parametrize("timestamp", [CREATED, CREATED * 1000])
def test_the_time_may_come_in_seconds_or_in_milliseconds(timestamp):
    event = read("clerk", clerk_event({"object": "user"}, timestamp=timestamp))
    assert event.occurred_at == CREATED_AT
    assert event.snapshot.clock == CREATED * 1000


def test_the_clock_is_the_objects_own_when_it_has_one():
    later = USER | {"updated_at": CREATED * 1000 + 5}
    event = read("clerk", clerk_event(later))
    assert event.snapshot.clock == CREATED * 1000 + 5
    assert event.occurred_at == CREATED_AT


def test_the_objects_time_stands_for_the_events_when_that_is_missing():
    event = read("clerk", clerk_event(USER, timestamp=None))
    assert event.occurred_at == CREATED_AT


def test_an_event_without_any_time_is_unreadable():
    with pytest.raises(Unreadable, match=r"^Envelope\.timestamp: "):
        read("clerk", clerk_event({"object": "user", "id": "user_1"}, timestamp=None))


def test_the_time_of_an_object_is_named_by_its_place_when_it_is_none():
    with pytest.raises(Unreadable, match=r"^Envelope\.data\.updated_at: "):
        read("clerk", clerk_event(USER | {"updated_at": "soon"}))


def test_a_deleted_user_is_gone_since_the_events_time():
    deleted = {"object": "user", "id": "user_1", "deleted": True, "external_id": "ex_1"}
    snapshot = read("clerk", clerk_event(deleted, "user.deleted")).snapshot
    assert snapshot.gone_at == CREATED_AT
    assert snapshot.clock == CREATED * 1000
    assert read("clerk", clerk_event(USER)).snapshot.gone_at is None


def test_a_row_tells_its_instance_and_an_event_has_no_mode():
    event = read("clerk", clerk_event(USER))
    assert event.snapshot.columns == {"instance_id": "ins_1"}
    assert (event.livemode, event.account) == (None, "")


@pytest.mark.parametrize(
    ("spoilt", "field"),
    [
        ({"type": ""}, "type"),
        ({"timestamp": "soon"}, "timestamp"),
        ({"timestamp": True}, "timestamp"),
        ({"data": []}, "data"),
        ({"instance_id": 5}, "instance_id"),
    ],
)
def test_an_event_with_a_wrong_field_is_unreadable_and_says_which(spoilt, field):
    with pytest.raises(Unreadable, match=rf"^Envelope\.{field}: "):
        read("clerk", clerk_event(USER, **spoilt))
