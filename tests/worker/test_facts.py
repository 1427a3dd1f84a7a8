"""Facts beside the content: one batch ends as one by one does, and older ones change nothing."""

from itertools import permutations

import pytest

from integrations.schema import dump
from simulator import loops
from tests import handlers
from tests.integrations.examples import CREATED, delivery

WHO = {"id": loops.CONTACT, "email": "b@x.org", "userId": "user_ExampleUser"}
TOLD = [
    ("contact.created", 0, {}),
    ("email.hardBounced", 1, {"contactIdentity": WHO}),
    ("contact.unsubscribed", 1, {}),
    ("contact.mailingList.unsubscribed", 1, {}),
    ("contact.deleted", 2, {}),
]


@pytest.fixture
def contacts(rows):
    return lambda: (rows("loops_contacts"), rows("loops_list_members"))


def put(*told):
    from worker import inbox

    for type, at, more in told:
        body = dump(loops.told(type, CREATED + at, **more)).encode()
        inbox.put(delivery("loops", body, webhook_id=f"msg_{type}_{at}"))
    return drained()


def drained():
    from integrations.loops import LOOPS
    from worker.drain import drain
    from worker.retry import policy

    return drain(LOOPS, policy())


def test_one_batch_in_any_order_ends_as_one_by_one_does(clean, contacts, sql):
    for one in TOLD:
        assert put(one).startswith("handled=1")
    by_one = contacts()
    assert by_one[0][0]["email"] == "b@x.org"
    for order in list(permutations(TOLD))[::11]:
        sql.execute("TRUNCATE events, loops_contacts, loops_list_members")
        put(*order)
        assert contacts() == by_one


def test_an_older_fact_changes_nothing_and_a_newer_one_only_its_own_column(clean, contacts):
    put(("email.opened", 5, {}))
    (before,) = contacts()[0]
    put(("email.clicked", 4, {}))
    (after,) = contacts()[0]
    assert {k for k in after if after[k] != before[k]} == {"clicked_at"}


def test_a_handler_sees_whether_its_fact_is_the_last_that_was_told(clean):
    joined, left = "contact.mailingList.subscribed", "contact.mailingList.unsubscribed"
    put((joined, 1, {}))
    put((left, 5, {}), (joined, 9, {}))
    put((left, 20, {}), (joined, 15, {}))
    put(("contact.deleted", 30, {}))
    put(("email.delivered", 35, {}), ("contact.deleted", 25, {}))
    at = [(call.occurred_at.timestamp() - CREATED, call.fresh) for call in handlers.calls]
    assert at == [(1, True), (9, True), (15, False), (30, True), (25, False)]


def test_the_test_event_is_kept_and_ignored(clean, ledger, contacts):
    from worker import inbox

    inbox.put(delivery("loops", loops.example(loops.TEST, CREATED), webhook_id="msg_1"))
    drained()
    kept = ledger()["msg_1"]
    assert (kept["status"], kept["reason"]) == ("ignored", "nothing handles testing.testEvent")
    assert contacts() == ([], [])
