"""What Loops is sent, and what its answers mean."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.errors import Blocked, Deferred, Permanent, Transient
from integrations.targets import TARGETS
from tests.integrations.loops.conftest import BASE

UPDATE, DELETE = f"{BASE}/contacts/update", f"{BASE}/contacts/delete"
SEND, MAIL = f"{BASE}/events/send", f"{BASE}/transactional"
EVENT = {"eventName": "upgraded", "userId": "user_1", "eventProperties": {"seats": 5}}
RECEIPT = {"transactionalId": "tr_1", "email": "ada@example.org", "dataVariables": {"n": "1"}}


def test_a_user_becomes_a_contact_that_is_not_subscribed_again(loops, asked, user, perform):
    loops.put(UPDATE, json={"success": True, "id": "cm_1"})
    user(last_name="Example")
    perform("loops", "contact", entity="user_1")
    names = {"firstName": "Ada", "lastName": "Example"}
    contact = {"userId": "user_1", "email": "ada@example.org"} | names
    assert asked() == [("PUT", "/contacts/update", contact)]
    assert loops.calls[0].request.headers["Authorization"] == "Bearer loops_key"


def test_a_name_that_is_too_long_is_cut_and_one_that_was_removed_is_emptied(
    loops, asked, user, perform
):
    loops.put(UPDATE, json={"success": True})
    user(first_name="A" * 501)
    perform("loops", "contact", entity="user_1")
    (_, _, contact) = asked()[0]
    assert (contact["firstName"], contact["lastName"]) == ("A" * 500, "")


@pytest.mark.parametrize("status", [200, 404])
def test_a_deleted_user_is_deleted_by_id_whether_or_not_there_is_a_contact(
    loops, asked, user, perform, status
):
    loops.post(DELETE, json={"success": status == 200}, status=status)
    user(deleted_at=datetime.now(UTC))
    perform("loops", "contact", entity="user_1")
    assert asked() == [("POST", "/contacts/delete", {"userId": "user_1"})]


def test_a_user_without_an_address_is_nothing_to_loops(loops, user, perform):
    user(primary_email=None)
    perform("loops", "contact", entity="user_1")
    assert len(loops.calls) == 0


@pytest.mark.parametrize("known", [None, {"data": None, "clock": 0}], ids=["absent", "placeholder"])
def test_what_is_to_be_told_of_a_user_waits_until_something_is_known(loops, user, perform, known):
    if known is not None:
        user(**known)
    with pytest.raises(Deferred, match="nothing is known of the user yet"):
        perform("loops", "contact", entity="user_1")


def test_two_contacts_for_one_user_are_a_matter_for_people(loops, user, perform):
    said = {"success": False, "message": "Multiple contacts found for the given criteria"}
    loops.put(UPDATE, json=said, status=400)
    user()
    with pytest.raises(Permanent, match="merge them in Loops"):
        perform("loops", "contact", entity="user_1")


def test_the_answer_to_a_refusal_is_not_repeated(loops, user, perform):
    loops.put(UPDATE, json={"message": "ada@example.org is no address"}, status=400)
    user()
    with pytest.raises(Permanent, match="refused the contact: it answered 400") as refused:
        perform("loops", "contact", entity="user_1")
    assert "ada" not in str(refused.value)


@pytest.mark.parametrize("what", [("event", SEND, EVENT), ("mail", MAIL, RECEIPT)])
@pytest.mark.parametrize("status", [200, 409])
def test_what_happened_is_sent_under_its_key_and_409_says_that_it_was(
    loops, asked, perform, what, status
):
    action, url, payload = what
    loops.post(url, json={"success": status == 200}, status=status)
    perform("loops", action, payload=payload, attempt=2)
    assert asked() == [("POST", url.removeprefix(BASE), payload)]
    assert loops.calls[0].request.headers["Idempotency-Key"] == "key_1"
    assert TARGETS["loops"].actions[action].remembers == timedelta(hours=24)


def test_a_key_that_is_too_long_for_loops_is_shortened_always_alike(loops, perform):
    loops.post(SEND, json={"success": True})
    for _ in range(2):
        perform("loops", "event", payload=EVENT, key="k" * 101)
    first, second = (c.request.headers["Idempotency-Key"] for c in loops.calls)
    assert first == second
    assert len(first) == 64


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        ({"userId": "user_1"}, "the payload has no eventName"),
        ({"eventName": "upgraded"}, "neither userId nor email"),
        (EVENT | {"eventProperties": {"note": "x" * 501}}, "eventProperties.note has more than"),
    ],
)
def test_an_event_that_loops_would_refuse_is_not_sent(loops, perform, payload, why):
    with pytest.raises(Permanent, match=why):
        perform("loops", "event", payload=payload)


@pytest.mark.parametrize(("said", "sent"), [(True, None), (False, False)])
def test_an_event_may_unsubscribe_but_not_subscribe(loops, asked, perform, said, sent):
    loops.post(SEND, json={"success": True})
    perform("loops", "event", payload=EVENT | {"subscribed": said})
    assert asked()[0][2].get("subscribed") is sent


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ({"li_1": True}, None),
        ({"li_1": True, "li_2": False}, {"li_2": False}),
        ({"li_2": False}, {"li_2": False}),
    ],
)
def test_an_event_may_take_off_a_list_but_not_put_on_one(loops, asked, perform, said, sent):
    loops.post(SEND, json={"success": True})
    perform("loops", "event", payload=EVENT | {"mailingLists": said})
    assert asked()[0][2].get("mailingLists") == sent


def test_a_mail_to_a_user_goes_to_the_users_address(loops, asked, user, perform):
    loops.post(MAIL, json={"success": True})
    user()
    perform("loops", "mail", payload={"transactionalId": "tr_1", "userId": "user_1"})
    assert asked()[0][2] == {"transactionalId": "tr_1", "email": "ada@example.org"}


@pytest.mark.parametrize(
    "fields", [{"primary_email": None}, {"deleted_at": datetime(2026, 1, 1, tzinfo=UTC)}]
)
def test_a_mail_to_a_user_who_has_no_address_or_left_is_not_sent(loops, user, perform, fields):
    user(**fields)
    with pytest.raises(Permanent, match="deleted, or has no e-mail address"):
        perform("loops", "mail", payload={"transactionalId": "tr_1", "userId": "user_1"})


def test_a_429_is_tried_again_when_loops_says(loops, user, perform):
    loops.put(UPDATE, status=429, headers={"Retry-After": "7"})
    user()
    with pytest.raises(Transient) as refused:
        perform("loops", "contact", entity="user_1")
    assert refused.value.retry_after == 7


def test_loops_is_on_when_its_key_is_set(key):
    assert TARGETS["loops"].on()


def test_loops_is_off_without_a_key():
    assert not TARGETS["loops"].on()


@pytest.mark.parametrize(
    "said",
    [
        '{"success": false}',
        '{"ok": true}',
        "[]",
        "null",
        "<html>",
        '{"success": 1}',
    ],
)
@pytest.mark.parametrize("what", [("event", SEND, EVENT), ("mail", MAIL, RECEIPT)])
def test_an_answer_that_does_not_say_that_it_was_done_leaves_it_unknown(loops, perform, what, said):
    action, url, payload = what
    loops.post(url, body=said)
    with pytest.raises(Transient) as raised:
        perform("loops", action, payload=payload)
    assert raised.value.unknown is True


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_kills_nothing(loops, perform, status):
    loops.post(SEND, json={"success": False}, status=status)
    with pytest.raises(Blocked, match=f"loops refuses LOOPS_API_KEY .{status}") as blocked:
        perform("loops", "event", payload=EVENT)
    assert blocked.value.wait == 60
