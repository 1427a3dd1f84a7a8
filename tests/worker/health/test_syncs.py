"""Syncs that are late, differences that stand open, tokens that end."""

import pytest

from tests.worker.health.reasons import code

RUN = """
    INSERT INTO sync_runs (service, name, kind, status, started_at, finished_at, error)
    VALUES ('clerk', %(name)s, %(kind)s, %(status)s, now() - %(ago)s::interval,
        now() - %(ago)s::interval, %(error)s)
    RETURNING id
"""
PLACE = "INSERT INTO sync_cursors (service, name, kind, run_id) VALUES ('clerk', %s, %s, %s)"
DRIFT = """
    INSERT INTO drift (run_id, service, table_name, row_id, field, cause)
    VALUES (%s, 'clerk', 'clerk_users', %s, 'email', 'missed event')
"""
TOKEN = """
    INSERT INTO oauth_connections (service, account, status, expires_at, last_failure_at,
        last_error_code) VALUES ('slack', %s, %s, now() + %s::interval, now() - interval '1 h', %s)
"""


@pytest.fixture
def ran(sql, set_to):
    """Leave a run of a sync of Clerk's that ended so long ago."""
    set_to(CLERK_SECRET_KEY="sk_test_x")

    def run(ago, name="user", kind="catch_up", status="complete", error=None):
        given = {"name": name, "kind": kind, "status": status, "ago": ago, "error": error}
        [(id,)] = sql.execute(RUN, given).fetchall()
        sql.execute(PLACE, (name, kind, id))
        return id

    return run


def test_a_sync_that_is_complete_in_time_is_no_news(ran, told):
    ran("20 min")
    assert told("clerk").state == "healthy"


def test_one_that_is_late_is_told_with_what_mends_it(ran, told):
    ran("3 hours")
    found = code(told("clerk"), "sync_late")
    assert (found.state, found.cause) == ("degraded", "catch_up user")
    assert found.words == "The catch up of user was last complete 3 h 0 min ago."
    assert found.mend == "tallyman sync run clerk"


def test_one_that_never_comes_to_its_end_is_late_too(ran, told):
    ran("3 hours", status="failed", error="Permanent: clerk answered 401 to ada@example.org")
    found = code(told("clerk"), "sync_late")
    assert found.words.endswith("was never complete in 3 h 0 min; it failed: Permanent 401.")


def test_what_is_switched_off_is_never_late(ran, told, set_to):
    ran("3 hours")
    set_to(SYNC_OBJECTS_SECONDS=0)
    assert told("clerk").state == "healthy"


def test_open_drift_is_told_and_what_was_repaired_is_not(ran, told, sql):
    run = ran("1 hour", kind="reconcile")
    for row in ("user_1", "user_2"):
        sql.execute(DRIFT, (run, row))
    found = code(told("clerk"), "drift_open")
    assert "2 rows of clerk_users" in found.words
    assert "missed event" in found.words
    assert found.mend == "tallyman reconcile clerk --apply"
    sql.execute("UPDATE drift SET repaired_at = now()")
    assert told("clerk").state == "healthy"


@pytest.fixture
def slack(set_to):
    set_to(SLACK_CLIENT_ID="x", SLACK_CLIENT_SECRET="x")


def test_a_token_that_cannot_be_renewed_is_told_of_before_it_ends(slack, sql, told):
    sql.execute(TOKEN, ("acme", "expiring", "3 hours", "invalid_grant"))
    found = code(told("slack"), "token_ending")
    assert found.state == "degraded"
    assert "(invalid_grant); the first token ends in 2 h 59 min" in found.words
    assert "acme" not in str(found)


def test_one_that_ended_is_failing(slack, sql, told):
    sql.execute(TOKEN, ("acme", "exhausted", "-1 hours", "invalid_grant"))
    sql.execute(TOKEN, ("other", "active", "1 hours", None))
    found = told("slack")
    assert (found.state, found.reasons[0].cause) == ("failing", "exhausted")
    assert "tallyman oauth start slack" in found.reasons[0].mend
