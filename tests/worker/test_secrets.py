"""Codes, links and client secrets end nowhere in the database, whichever way an event takes.

Each test says what else of the same body stands there: a search that finds nothing proves nothing.
"""

from typing import Any

import pytest

from db.base import Base
from db.session import transaction
from integrations.interface import Snapshot
from receiver import fallback
from tests import handlers
from tests.worker import stories
from tests.worker.stories import POLICY, SERVICES, clerk, drained, put, retried, stripe
from worker import attempts, inbox, leases, rows
from worker.ledger import unread_id

SECRET = "s3cret"
NOWHERE: set[str] = set()
EMAIL = {"object": "email", "id": "ema_1", "subject": SECRET, "data": {"otp_code": SECRET}}
INVITATION = {
    "object": "organization_invitation",
    "id": "orginv_1",
    "organization_id": "org_1",
    "status": "pending",
    "updated_at": stories.T0 * 1000,
    "url": f"https://accounts.example.com/accept?ticket={SECRET}",
}
INVITED = clerk("msg_1", "organizationInvitation.created", INVITATION)
INTENT = {"object": "payment_intent", "id": "pi_1", "client_secret": SECRET}
UNREADABLE = {
    "an e-mail without a time": (clerk("msg_1", "email.created", EMAIL, None), "ema_1"),
    "an e-mail of no type": (clerk("msg_1", "", EMAIL), "ema_1"),
    "e-mails in a list": (clerk("msg_1", "sms.created", [EMAIL]), "sms.created"),
    "an invitation without a message id": (
        clerk("", "organizationInvitation.created", INVITATION),
        "orginv_1",
    ),
    "a payment at no time": (stripe("evt_1", "payment_intent.created", INTENT, None), "pi_1"),
    "a payment in no event": (stripe("", "payment_intent.created", INTENT), "pi_1"),
    "a page in no event": (
        stripe("", "charge.failed", {"id": "ch_1", "url": f"https://x.io/pi_1_secret_{SECRET}"}),
        "ch_1",
    ),
}


@pytest.fixture
def stands(sql):
    """Return in which tables a word stands: in a column, or in the body of an event."""

    def texts(table):
        bytes_ = "body" if table == "events" else "NULL"
        for row, body in sql.execute(f"SELECT t::text, {bytes_} FROM {table} t").fetchall():
            yield row + (body or b"").decode()

    tables = [table.name for table in Base.metadata.sorted_tables]
    return lambda word: {name for name in tables if any(word in text for text in texts(name))}


@pytest.fixture
def suspect(clean):
    """Have the drain hand a delivery to the retry path unread, as one that may end processes."""

    def hand_on(delivery):
        put(delivery)
        inbox.take(delivery.service, 1)
        stories.age(times=3, service=delivery.service)
        assert drained(delivery.service) == {"retrying": 1, "left": 0}

    return hand_on


def test_of_an_email_with_a_code_the_ledger_keeps_that_there_was_one(ledger, stands):
    put(clerk("msg_1", "email.created", EMAIL))

    assert drained("clerk") == {"ignored": 1, "left": 0}
    assert b'"id":"ema_1"' in ledger()["msg_1"]["body"]
    assert (stands(SECRET), stands("ema_1")) == (NOWHERE, {"events"})


def test_an_invitation_is_kept_without_its_link(rows, stands):
    put(INVITED)

    assert drained("clerk") == {"handled": 1, "left": 0}
    (row,) = rows("clerk_invitations")
    assert (row["organization_id"], row["status"]) == ("org_1", "pending")
    assert (stands(SECRET), stands("orginv_1")) == (NOWHERE, {"events", "clerk_invitations"})


@pytest.mark.parametrize(("sent", "beside"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_event_is_dead_without_its_secret_and_keeps_the_id_of_what_came(
    sent, beside, ledger, stands
):
    put(sent)

    assert drained(sent.service) == {"dead": 1, "left": 0}
    assert ledger().keys() == {unread_id(sent)}
    assert (stands(SECRET), stands(beside)) == (NOWHERE, {"events"})


def test_an_object_of_the_wrong_shape_is_dead_without_its_secret(stands):
    put(clerk("msg_1", "organizationInvitation.created", INVITATION | {"role": 5}))

    assert drained("clerk") == {"dead": 1, "left": 0}
    assert (stands(SECRET), stands("orginv_1")) == (NOWHERE, {"events"})


def test_what_falls_back_waits_without_its_link(stands):
    fallback.keep(INVITED)
    assert (stands(SECRET), stands("orginv_1")) == (NOWHERE, {"events"})

    assert drained("clerk") == {"handled": 1, "left": 0}
    assert (stands(SECRET), stands("orginv_1")) == (NOWHERE, {"events", "clerk_invitations"})


@pytest.mark.parametrize(("sent", "beside"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_falls_back_and_is_no_event_is_dead_once(sent, beside, ledger, stands):
    fallback.keep(sent)

    assert drained(sent.service) == {"dead": 1, "left": 0}
    assert ledger().keys() == {unread_id(sent)}
    assert (stands(SECRET), stands(beside)) == (NOWHERE, {"events"})


def test_the_link_is_gone_after_the_first_attempt_of_what_was_entered_unread(suspect, stands):
    suspect(INVITED)
    assert stands(SECRET) == {"events"}

    assert retried("clerk") == {"handled": 1}
    assert (stands(SECRET), stands("orginv_1")) == (NOWHERE, {"events", "clerk_invitations"})


def test_what_ends_every_process_is_dead_without_its_secret(suspect, sql, ledger, stands):
    def end(_session, _event):
        raise SystemExit

    handlers.behaviour["session.created"] = end
    session = {"object": "session", "id": "sess_1", "updated_at": 1, "invitation": INVITATION}
    sent = clerk("msg_1", "session.created", session)
    suspect(sent)
    for _ in range(POLICY.attempts + 1):
        with pytest.raises(SystemExit):
            retried("clerk")
        assert (stands(SECRET), stands("sess_1")) == (NOWHERE, {"events"})
        sql.execute("UPDATE events SET lease_until = now() - interval '1 s'")

    assert retried("clerk") == {"dead": 1}
    assert ledger().keys() == {unread_id(sent)}
    assert (stands(SECRET), stands("sess_1")) == (NOWHERE, {"events"})


def test_who_lost_the_lease_takes_no_secret_out(suspect, sql, ledger):
    suspect(INVITED)
    lease = leases.lease("clerk")
    assert lease is not None
    sql.execute("UPDATE events SET lease_token = gen_random_uuid()")

    assert attempts.attempt(SERVICES["clerk"], POLICY, lease) == "let go"
    assert ledger()[unread_id(INVITED)]["body"] == INVITED.body


def test_a_handler_that_fails_leaves_no_secret_behind(sql, stands):
    session = {"object": "session", "id": "sess_1", "updated_at": 1, "invitation": INVITATION}
    handlers.behaviour["session.created"] = stories.fail
    put(clerk("msg_1", "session.created", session))

    assert drained("clerk") == {"retrying": 1, "left": 0}
    assert (stands(SECRET), stands("sess_1")) == (NOWHERE, {"events"})
    handlers.behaviour.clear()
    sql.execute(stories.DUE)
    assert retried("clerk") == {"handled": 1}
    assert [SECRET in str(call) for call in handlers.calls] == [False, False]
    assert ["sess_1" in str(call) for call in handlers.calls] == [True, True]


ERROR = {"code": "declined", "setup_intent": {"id": "seti_1", "client_secret": SECRET}}
FETCHED: dict[str, tuple[Any, Any]] = {
    "stripe": (
        INTENT | {"last_payment_error": ERROR, "description": f"pi_1_secret_{SECRET}"},
        {"account": "", "livemode": False, "api_version": "2025-03-31.basil"},
    ),
    "clerk": (INVITATION | {"public_metadata": {"first": INVITATION}}, {"instance_id": "ins_1"}),
}


@pytest.mark.parametrize("service", FETCHED)
def test_what_was_fetched_is_written_without_its_secrets(service, stands):
    told, columns = FETCHED[service]
    mirror = SERVICES[service].mirrors[told["object"]]
    fetched = Snapshot(told["object"], told, stories.T0 * 1000, "fetch", columns=columns)
    with transaction() as session:
        rows.upsert(session, [(fetched, mirror.project(fetched))])

    assert (stands(SECRET), stands(told["id"])) == (NOWHERE, {mirror.model.__tablename__})
    assert SECRET in str(told)
