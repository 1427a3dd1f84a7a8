"""Who left Loops and was deleted there does not come back subscribed by what we send."""

import json

import pytest

from integrations.loops import LOOPS
from simulator import loops as told_by
from tests.integrations.loops.conftest import BASE
from tests.worker.stories import POLICY, T0, delivery
from worker import inbox
from worker.drain import drain

UPDATE, SEND = f"{BASE}/contacts/update", f"{BASE}/events/send"
LEFT = ["contact.created", "contact.unsubscribed", "contact.deleted"]
IDENTITY = {"id": "cm_1", "email": "ada@example.org", "userId": "user_1"}


def tell(*events, **identity):
    """Apply what Loops tells, in the order given, one second after the other."""
    who = IDENTITY | identity
    for at, event in enumerate(events):
        more = {"contactIdentity": who}
        if event == "contact.created":
            more["contact"] = told_by.contact(**who)
        body = json.dumps(told_by.event(told_by.told(event, T0 + at, **more))).encode()
        inbox.put(delivery(body, "loops", webhook_id=f"msg_{who['id']}_{at}"))
    drain(LOOPS, POLICY)


@pytest.fixture
def sent(loops, asked, user, perform):
    """Send the user's contact, and an event of theirs; return what was said of consent."""
    loops.put(UPDATE, json={"success": True})
    loops.post(SEND, json={"success": True})
    user()

    def consent():
        perform("loops", "contact", entity="user_1")
        perform("loops", "event", payload={"eventName": "upgraded", "userId": "user_1"})
        perform("loops", "event", payload={"eventName": "upgraded", "email": "ada@example.org"})
        return [body.get("subscribed") for _, _, body in asked()]

    return consent


@pytest.mark.parametrize(
    "events",
    [
        LEFT,
        ["contact.created", "email.spamReported", "contact.deleted"],
        # a deletion comes with an unsubscription of its own: nobody can tell the two apart
        ["contact.created", "contact.deleted", "contact.unsubscribed"],
    ],
)
@pytest.mark.parametrize("identity", [{}, {"userId": None}])
def test_who_left_and_was_deleted_stays_unsubscribed(sent, events, identity):
    tell(*events, **identity)
    assert sent() == [False, False, False]


def test_who_was_deleted_twice_and_left_once_stays_unsubscribed(sent):
    tell(*LEFT)
    tell("contact.created", "contact.deleted", id="cm_2")
    assert sent() == [False, False, False]


@pytest.mark.parametrize(
    "events",
    [[], ["contact.created"], ["contact.created", "contact.unsubscribed"]],
)
def test_of_a_contact_that_loops_has_nothing_is_said(sent, events):
    tell(*events)
    assert sent() == [None, None, None]


def test_who_came_back_is_left_as_they_are(sent):
    tell(*LEFT)
    tell("contact.created", id="cm_2")
    assert sent() == [None, None, None]


def test_another_user_of_the_same_address_is_somebody_else(sent):
    tell(*LEFT, userId="user_2")
    assert sent()[:2] == [None, None]


@pytest.mark.parametrize("events", [[{}, {"userId": None}], [{"userId": None}, {}]])
def test_in_the_same_second_who_is_known_is_not_forgotten(events, sql):
    for number, identity in enumerate(events):
        who = IDENTITY | identity
        body = json.dumps(told_by.event(told_by.told("email.opened", T0, contactIdentity=who)))
        inbox.put(delivery(body.encode(), "loops", webhook_id=f"msg_{number}"))
        drain(LOOPS, POLICY)
    assert sql.execute("SELECT email, user_id FROM loops_contacts").fetchall() == [
        ("ada@example.org", "user_1")
    ]
