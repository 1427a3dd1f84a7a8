"""From Clerk's webhook through the pipeline to Loops, which stands on loopback."""

import pytest

from settings import settings
from simulator.loops_api import Fault, loops_api
from tests.worker import stories
from tests.worker.stories import T0, drained, put

NOBODY_HELD = "UPDATE effects SET retry_at = now() - interval '1 s'"


@pytest.fixture
def loops(clean, monkeypatch):
    with loops_api() as api:
        monkeypatch.setenv("LOOPS_API_KEY", "loops_key")
        monkeypatch.setenv("LOOPS_API_BASE", api.url)
        settings.cache_clear()
        yield api
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def told(clean):
    """Have Clerk tell something of `user_1`, then perform what follows."""

    def tell(number, at, type="user.updated", **fields):
        obj = {"object": "user", "id": "user_1", "deleted": True}
        body = obj if type == "user.deleted" else stories.user("user_1", at, **fields)
        put(stories.clerk(f"msg_{number}", type, body, at))
        drained("clerk")
        delivered()

    return tell


def delivered():
    from integrations.targets import TARGETS
    from worker.deliver import deliver
    from worker.retry import policy

    return deliver(TARGETS["loops"], policy())


def shown(api):
    return [(c["userId"], c["email"], c["firstName"], c["subscribed"]) for c in api.contacts]


def test_an_older_event_that_arrives_late_never_changes_what_loops_has(loops, told):
    told(2, T0 + 2, first_name="Newer")
    told(1, T0 + 1, first_name="Older")
    told(0, T0, "user.created", first_name="Oldest")
    assert shown(loops) == [("user_1", "ada@example.com", "Newer", True)]
    sent = {request.body["firstName"] for request in loops.requests}
    assert sent == {"Newer"}


def test_a_user_who_was_deleted_does_not_come_back_by_an_older_event(loops, told):
    told(1, T0 + 1, first_name="Ada")
    told(2, T0 + 2, "user.deleted")
    told(0, T0, "user.created", first_name="Ada")
    assert loops.contacts == []
    assert [r.path for r in loops.requests] == [
        "/v1/contacts/update",
        "/v1/contacts/delete",
        "/v1/contacts/delete",
    ]


def test_who_left_is_not_subscribed_again(loops, told):
    gone = {"id": "cm_1", "email": "ada@example.com", "subscribed": False}
    loops.contacts.append(gone)
    told(1, T0, "user.created", first_name="Ada")
    assert shown(loops) == [("user_1", "ada@example.com", "Ada", False)]


def test_what_loops_did_before_the_connection_broke_is_done_once(loops, sql):
    loops.faults.append(Fault(done=True, resets=True))
    sql.execute(
        "INSERT INTO effects (target, action, payload, key) VALUES ('loops', 'event',"
        """ '{"eventName": "upgraded", "userId": "user_1"}', 'key_1')"""
    )
    delivered()
    assert sql.execute("SELECT status FROM effects").fetchone() == ("waiting",)
    sql.execute(NOBODY_HELD)
    delivered()
    assert sql.execute("SELECT status FROM effects").fetchone() == ("sent",)
    assert loops.acted == {"key_1": 1}
    assert len(loops.requests) == 2


def test_nothing_is_asked_of_a_loops_that_is_not_configured(told, sql):
    told(1, T0, "user.created")
    found = sql.execute("SELECT count(*) FROM effects WHERE target = 'loops'").fetchone()
    assert found == (0,)
