"""Codes and links end nowhere in the database, whichever way an event takes."""

import pytest

from tests import handlers
from tests.worker import stories
from tests.worker.stories import clerk, drained, put, retried
from worker.ledger import Record, keep

SECRET = "s3cret"
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


@pytest.fixture
def is_secret(sql):
    """Whether the secret stands nowhere in the ledger or the mirrors."""

    def search():
        kept = "SELECT coalesce(encode(body, 'escape'), '') || events::text FROM events"
        told = "SELECT clerk_invitations::text FROM clerk_invitations"
        found = sql.execute(f"{kept} UNION ALL {told}").fetchall()
        return found and not [text for (text,) in found if SECRET in text]

    return search


def test_of_an_email_with_a_code_the_ledger_keeps_that_there_was_one(ledger, is_secret):
    put(clerk("msg_1", "email.created", EMAIL))

    assert drained("clerk") == {"ignored": 1, "left": 0}
    assert b'"id":"ema_1"' in ledger()["msg_1"]["body"]
    assert is_secret()


def test_an_invitation_is_kept_without_its_link(rows, is_secret):
    put(INVITED)

    assert drained("clerk") == {"handled": 1, "left": 0}
    (row,) = rows("clerk_invitations")
    assert (row["organization_id"], row["status"]) == ("org_1", "pending")
    assert is_secret()


def test_the_link_is_gone_once_what_fell_back_is_applied(is_secret):
    keep(Record(INVITED, "msg_1", "received", attempts=0))
    assert not is_secret()

    assert drained("clerk") == {"handled": 1, "left": 0}
    assert is_secret()


def test_the_link_is_gone_after_the_first_attempt_of_the_retry_path(sql, is_secret):
    keep(Record(INVITED, "msg_1", "retrying", attempts=0, retry_in=0))
    assert not is_secret()

    assert retried("clerk") == {"handled": 1}
    assert is_secret()


def test_a_handler_that_fails_leaves_no_secret_behind(sql, is_secret):
    session = {"object": "session", "id": "sess_1", "updated_at": 1, "invitation": INVITATION}
    handlers.behaviour["session.created"] = stories.fail
    put(clerk("msg_1", "session.created", session))

    assert drained("clerk") == {"retrying": 1, "left": 0}
    assert is_secret()
    handlers.behaviour.clear()
    sql.execute(stories.DUE)
    assert retried("clerk") == {"handled": 1}
    assert [SECRET in str(call) for call in handlers.calls] == [False, False]
