"""Each attempt is counted beforehand, and what may have been done is not done again unasked."""

from datetime import timedelta

import pytest

from integrations.errors import Permanent, Transient
from tests.worker.stories import POLICY
from tests.worker.targets import DUE, lost, raising


def test_what_waits_is_performed_and_marked(loops, tell, kept):
    tell(3)
    assert loops.delivered() == {"sent": 3}
    assert [sending.payload["n"] for sending, _ in loops.sent] == [0, 1, 2]
    assert {(row["status"], row["attempts"], row["lease_token"]) for row in kept()} == {
        ("sent", 1, None)
    }
    assert all(row["settled_at"] and row["first_sent_at"] for row in kept())
    assert loops.delivered() == {}


def test_an_attempt_is_committed_before_the_call(loops, tell, sql):
    seen = []
    query = "SELECT attempts, first_sent_at IS NOT NULL, lease_until > now() FROM effects"
    loops.act = lambda _: seen.append(sql.execute(query).fetchone())
    tell()
    loops.delivered()
    assert seen == [(1, True, True)]


def test_a_failure_is_tried_again_later_with_the_same_key(loops, tell, sql, kept):
    loops.act = raising(Transient("busy"))
    tell()
    assert loops.delivered() == {"waiting": 1}
    row = kept()[0]
    assert (row["error"], row["attempts"], row["first_sent_at"]) == ("Transient: busy", 1, None)
    sql.execute(DUE)
    loops.act = lambda _: None
    assert loops.delivered() == {"sent": 1}
    first, second = [sending for sending, _ in loops.sent]
    assert (first.key, second.attempt) == (second.key, 2)
    assert kept()[0]["error"] is None


def test_the_service_may_ask_for_a_longer_wait(loops, tell, sql):
    loops.act = raising(Transient("busy", retry_after=3000))
    tell()
    loops.delivered()
    (seconds,) = sql.execute("SELECT extract(epoch FROM retry_at - now()) FROM effects").fetchone()
    assert 2900 < seconds <= 3000


def test_what_cannot_be_done_is_dead_at_once_and_blocks_nothing(loops, show, kept, sql):
    loops.act = raising(Permanent("no such list"))
    show()
    assert loops.delivered() == {"dead": 1}
    dead = "SELECT kind, service, type, error FROM dead_letters"
    assert sql.execute(dead).fetchall() == [("effect", "loops", "show", "Permanent: no such list")]
    loops.act = lambda _: None
    show()
    assert loops.delivered() == {"sent": 1}
    assert [row["status"] for row in kept()] == ["dead", "sent"]


def test_it_is_dead_when_the_attempts_are_spent(loops, tell, sql, kept):
    loops.act = raising(Transient("busy"))
    tell()
    for _ in range(POLICY.attempts):
        sql.execute(DUE)
        loops.delivered()
    assert (kept()[0]["status"], kept()[0]["attempts"]) == ("dead", POLICY.attempts)


def test_what_ends_every_process_is_dead_with_a_reason(loops, tell, sql, kept):
    tell()
    for _ in range(POLICY.attempts + 1):
        lost(sql, loops)
    assert loops.delivered() == {"dead": 1}
    assert kept()[0]["error"] == "the worker ended during attempt 4; before that: no error"
    assert len(loops.sent) == POLICY.attempts + 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Transient("busy"), False),
        (Transient("cut off", unknown=True), True),
        (Permanent("wrong"), False),
        (KeyError("ours"), True),
    ],
    ids=["refused", "unknown", "permanent", "a defect"],
)
def test_it_is_noted_whether_an_attempt_may_have_got_through(error, told, loops, tell, kept):
    loops.act = raising(error)
    tell()
    loops.delivered()
    assert (kept()[0]["first_sent_at"] is not None) is told


def test_what_fails_before_the_call_did_not_get_through(loops, tell, kept):
    loops.before = raising(KeyError("ours"))
    tell()
    loops.delivered()
    assert (kept()[0]["status"], kept()[0]["first_sent_at"]) == ("waiting", None)
    assert loops.sent == []


def test_an_outcome_that_was_unknown_before_stays_so(loops, tell, sql, kept):
    tell()
    lost(sql, loops)
    first = kept()[0]["first_sent_at"]
    loops.act = raising(Transient("busy"))
    loops.delivered()
    assert kept()[0]["first_sent_at"] == first


def test_nothing_whose_outcome_is_unknown_is_sent_again_when_its_key_may_be_forgotten(
    loops, tell, sql, kept
):
    loops.remembers = timedelta(hours=24)
    tell()
    lost(sql, loops)
    sql.execute("UPDATE effects SET first_sent_at = now() - interval '23 h 1 min'")
    assert loops.delivered() == {"dead": 1}
    assert len(loops.sent) == 1
    assert kept()[0]["error"].startswith("outcome unknown")


def test_it_is_sent_again_while_its_key_is_known(loops, tell, sql):
    loops.remembers = timedelta(hours=24)
    tell()
    lost(sql, loops)
    sql.execute("UPDATE effects SET first_sent_at = now() - interval '22 h 59 min'")
    assert loops.delivered() == {"sent": 1}
    first, second = [sending.key for sending, _ in loops.sent]
    assert first == second


def test_who_lost_the_lease_marks_nothing(loops, tell, sql, kept):
    loops.act = lambda _: sql.execute("UPDATE effects SET lease_token = gen_random_uuid()")
    tell()
    assert loops.delivered() == {"let go": 1}
    assert kept()[0]["status"] == "waiting"
