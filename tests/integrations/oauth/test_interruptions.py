"""What was given is kept whatever happens; what may have been used is not used again at a price."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from integrations.errors import Deferred, Transient
from integrations.oauth import refresh
from integrations.oauth.answers import grant
from integrations.oauth.interface import NotConnected
from integrations.oauth.tokens import token
from simulator.stand_in import Fault
from tests.integrations.oauth.test_single_flight import ENDED

NEARLY = "56 minutes"  # of the hour that the authority's tokens live
LOST = Fault(resets=True, done=True)


def _refreshes(authority):
    return authority.counts["refresh_token"]


@pytest.fixture
def cut_off(authority, connected, aged, sql, until):
    """Have the connection to Postgres end in the middle of an exchange, then do `meanwhile`."""

    def ask(meanwhile=lambda: None):
        authority.dials.slow = 0.5
        aged("2 hours")
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(token, "loopback", "acme")
            until(lambda: sql.execute(ENDED).fetchone())
            if isinstance(meanwhile, str):
                sql.execute(f"UPDATE oauth_connections SET {meanwhile}")
            else:
                meanwhile()
            return asked.result(30)

    return ask


def test_what_was_given_is_kept_though_postgres_went_away(authority, cut_off, kept):
    with capture_logs() as logs:
        found = cut_off()
    assert authority.tokens.works(found.value, authority.now())
    assert (kept()["status"], kept()["token_version"], kept()["attempt"]) == ("active", 2, None)
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["oauth.unkept"]


def test_what_was_given_is_kept_though_another_gave_the_connection_up(authority, cut_off, kept):
    found = cut_off("status = 'exhausted', attempt = NULL, last_error_code = 'invalid_grant'")
    assert authority.tokens.works(found.value, authority.now())
    assert (kept()["status"], kept()["last_error_code"]) == ("active", None)


def test_what_was_given_gives_way_to_newer_tokens_and_that_is_told(cut_off, kept):
    with capture_logs() as logs:
        found = cut_off(
            "status = 'active', attempt = NULL, token_version = 7, granted_at = now(),"
            " expires_at = now() + interval '1 hour'"
        )
    assert (found.version, kept()["token_version"]) == (7, 7)
    assert ("oauth.dropped", "error") in [(line["event"], line["log_level"]) for line in logs]


def test_what_another_was_given_too_and_has_kept_is_not_missed(
    authority, loopback, cut_off, aged, kept
):
    authority.dials.grace_seconds = 120
    patient = replace(loopback, grace=timedelta(seconds=120))
    with capture_logs() as logs:
        found = cut_off(lambda: (aged("3 seconds"), refresh.fresh(patient, "acme")))
    assert authority.tokens.works(found.value, authority.now())
    assert (_refreshes(authority), kept()["token_version"]) == (2, 2)
    assert "oauth.dropped" not in [line["event"] for line in logs]


def test_what_postgres_cannot_hold_costs_no_tokens(authority, loopback, connected, aged, kept):
    def read(answer):
        return replace(grant(answer), token_type="\ud800\0", scopes=("a\0",))

    aged("2 hours")
    found = refresh.fresh(replace(loopback, read=read), "acme")
    assert authority.tokens.works(found.value, authority.now())
    assert kept()["scopes"] == ["a\ufffd"]


def test_a_refresh_token_that_may_be_used_is_not_sent_while_its_access_token_works(
    authority, connected, aged, kept
):
    aged(NEARLY)
    authority.faults += [LOST]
    for _ in range(3):
        assert token("loopback", "acme").value == connected.access_token
        aged("31 seconds")
    assert _refreshes(authority) == 1
    aged("4 minutes")
    with pytest.raises(NotConnected):
        token("loopback", "acme")
    assert (kept()["status"], kept()["last_error_code"]) == ("exhausted", "interrupted_refresh")


def test_within_a_grace_it_is_sent_again_soon(authority, loopback, connected, aged):
    authority.dials.grace_seconds = 120
    patient = replace(loopback, grace=timedelta(seconds=120))
    aged(NEARLY)
    authority.faults += [LOST]
    assert refresh.fresh(patient, "acme").value == connected.access_token
    aged("31 seconds")
    assert refresh.fresh(patient, "acme").version == 2
    assert not authority.families[0].revoked


def test_after_a_grace_it_is_not_sent_either(authority, loopback, connected, aged, kept):
    patient = replace(loopback, grace=timedelta(seconds=120))
    aged("50 minutes")
    authority.faults += [LOST]
    with pytest.raises(Transient):
        refresh.ahead(patient, "acme", 1)
    aged("3 minutes")
    with pytest.raises(Deferred):
        refresh.ahead(patient, "acme", 1)
    assert (_refreshes(authority), kept()["status"]) == (1, "expiring")
    assert kept()["retry_at"] - kept()["expires_at"] < timedelta(seconds=1)


def test_who_marks_it_lets_it_rest_no_more(authority, connected, aged, kept, until):
    aged("2 hours")
    authority.faults += [Fault(400, b'{"error":"server_error"}')]
    with pytest.raises(Transient):
        token("loopback", "acme")
    aged("31 seconds")
    authority.dials.slow = 0.3
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(token, "loopback", "acme", but_not=1)
        until(lambda: kept()["status"] == "refreshing")
        assert kept()["retry_at"] is None
        assert asked.result(30).version == 2


def test_one_that_was_killed_leaves_the_token_that_works_alone(
    authority, connected, aged, kept, sql
):
    aged(NEARLY)
    sql.execute(
        "UPDATE oauth_connections SET status = 'refreshing', attempt = gen_random_uuid(),"
        " attempt_at = now() - interval '1 minute'"
    )
    assert token("loopback", "acme").value == connected.access_token
    assert (_refreshes(authority), kept()["status"], kept()["failures"]) == (0, "expiring", 0)
    aged("4 minutes")
    assert token("loopback", "acme").version == 2


def test_a_mark_is_left_to_who_may_be_at_work_on_it(authority, loopback, connected, aged, sql):
    aged("50 minutes")
    sql.execute(
        "UPDATE oauth_connections SET status = 'refreshing', attempt = gen_random_uuid(),"
        " attempt_at = now() - interval '45 seconds'"
    )
    assert not refresh.ahead(loopback, "acme", 1)
    assert refresh.ahead(replace(loopback, grace=timedelta(seconds=120)), "acme", 1)


def test_tokens_that_end_as_soon_as_they_come_are_not_fetched_again_and_again(
    authority, connected, aged
):
    authority.dials.access_seconds, authority.dials.slow = 1, 1.1
    aged("2 hours")
    with pytest.raises(Transient):
        token("loopback", "acme")
    assert _refreshes(authority) == 1


def test_where_postgres_has_no_answer_it_may_have_one_later(authority, connected, sql):
    sql.execute("ALTER TABLE oauth_connections RENAME TO away")
    try:
        with pytest.raises(Transient):
            token("loopback", "acme")
    finally:
        sql.execute("ALTER TABLE away RENAME TO oauth_connections")


def test_many_that_wait_in_one_process_leave_nothing_behind(authority, connected, aged):
    from integrations.oauth import tokens

    aged(NEARLY)
    threads = [threading.Thread(target=token, args=("loopback", "acme")) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dict(tokens._flights) == {}
