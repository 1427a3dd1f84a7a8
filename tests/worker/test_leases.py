"""Who holds the lease of an event may attempt it; each attempt is counted before it is made."""

from integrations.errors import Permanent
from tests import handlers
from tests.worker.stories import POLICY, SERVICES, drained, fail, invoice, put, retried
from worker import attempts, leases

EXPIRED = "UPDATE events SET lease_until = now() - interval '1 s'"


def leased():
    """Lease the one that is due."""
    lease = leases.lease("stripe")
    assert lease is not None
    return lease


def test_the_attempt_is_counted_before_it_is_made(failed, sql):
    seen = []

    def look(_session, _event):
        seen.append(sql.execute("SELECT attempts, lease_until > now() FROM events").fetchone())

    handlers.behaviour["invoice.paid"] = look
    retried()
    assert seen == [(2, True)]


def test_who_lost_the_lease_writes_nothing(failed, sql, ledger):
    lease = leased()
    sql.execute("UPDATE events SET lease_token = gen_random_uuid()")

    assert attempts.attempt(SERVICES["stripe"], POLICY, lease) == "let go"
    assert handlers.calls == []
    assert ledger()["evt_1"]["status"] == "retrying"


def test_a_failure_is_not_judged_when_the_lease_passed_on_meanwhile(failed, sql, ledger):
    def lose(session, _event):
        session.rollback()  # or the test would wait for the lock that settling took
        sql.execute("UPDATE events SET lease_token = gen_random_uuid()")
        raise Permanent("too late")

    handlers.behaviour["invoice.paid"] = lose

    assert retried() == {"let go": 1}
    assert (ledger()["evt_1"]["status"], ledger()["evt_1"]["error"]) == (
        "retrying",
        "Transient: not yet",
    )


def test_nobody_else_gets_an_event_while_it_is_leased(failed):
    assert leases.lease("stripe") is not None
    assert leases.lease("stripe") is None


def test_an_event_is_leased_again_when_its_lease_expired(failed, sql):
    first = leased()
    sql.execute(EXPIRED)
    second = leased()

    assert (first.attempt, second.attempt) == (2, 3)
    assert first.token != second.token


def test_an_event_that_ends_every_process_is_dead_with_a_reason(failed, sql, ledger):
    while leased().attempt <= POLICY.attempts:
        sql.execute(EXPIRED)
    sql.execute(EXPIRED)

    assert retried() == {"dead": 1}
    assert handlers.calls == []
    kept = ledger()["evt_1"]
    assert kept["attempts"] == POLICY.attempts + 1
    assert kept["error"] == "the worker ended during attempt 4; before that: Transient: not yet"


def test_what_is_known_of_an_event_stays_when_it_ends_every_process(failed, sql, ledger):
    before = ledger()["evt_1"]
    sql.execute("UPDATE events SET attempts = 4, account = 'acct_1'")
    retried()

    after = ledger()["evt_1"]
    assert (after["type"], after["account"]) == ("invoice.paid", "acct_1")
    assert after["occurred_at"] == before["occurred_at"]


def test_two_who_lease_at_once_take_different_events(sql):
    handlers.behaviour["invoice.paid"] = fail
    put(invoice("evt_1"), invoice("evt_2"))
    drained()
    sql.execute("UPDATE events SET retry_at = now() - interval '1 min' WHERE event_id = 'evt_1'")
    sql.execute("UPDATE events SET retry_at = now() - interval '1 s' WHERE event_id = 'evt_2'")
    with sql.transaction():
        sql.execute("SELECT FROM events WHERE event_id = 'evt_1' FOR UPDATE")
        assert leased().event_id == "evt_2"
