"""Events that fail: against the same hour of the last weeks, and no verdict under twenty."""

import pytest

from tests.worker.health.reasons import code

DIED = """
    INSERT INTO events (service, event_id, endpoint, account, type, status, attempts, received_at,
        settled_at, error, body, headers)
    SELECT 'stripe', 'evt_' || type || %(ago)s || n, '', '', 'kind.' || type, 'dead', 1, at, at,
        'ValueError: x', '{}', '{}'
    FROM generate_series(1, %(types)s) AS type, generate_series(1, %(each)s) AS n,
        LATERAL (SELECT now() - %(ago)s::interval + type * interval '1 s' AS at) AS died
"""
DEAD = {"status": "dead", "error": "Transient: stripe customers answered 503"}


def test_more_that_fail_than_at_this_hour_of_the_last_weeks_is_told(past, told):
    past("50 min", every="1 min", until="5 min")
    past("50 min", every="2 min", until="5 min", **DEAD)
    found = code(told(), "failure_rate")
    assert found.state == "degraded"
    assert "Transient 503, most of them customer.updated" in found.words
    assert "33 % of the 69 events of the last hour failed (0 % at this hour" in found.words


def test_where_most_fail_it_is_failing(past, told):
    past("50 min", every="1 min", until="5 min", **DEAD)
    assert code(told(), "failure_rate").state == "failing"


def test_nineteen_events_are_too_few_for_a_verdict(past, told):
    past("50 min", every="1 min", until="32 min", **DEAD)
    assert code(told(), "failure_rate") is None


def test_what_fails_as_often_as_ever_is_no_news(past, told):
    for week in range(5):
        since, until = f"{7 * week} days 55 min", f"{7 * week} days 5 min"
        past(since, every="1 min", until=until)
        past(since, every="3 min", until=until, **DEAD)
    assert code(told(), "failure_rate") is None


def test_what_a_retry_may_still_mend_has_not_failed(past, told):
    past("50 min", every="1 min", until="5 min")
    past("100 s", every="1 s", status="retrying", error="Transient: busy")
    assert told().state == "healthy"


def test_one_that_is_tried_in_vain_for_long_is_told_of_however_few_there_are(past, told):
    past("20 min", until="19 min", status="retrying", error="Deferred: ada@example.org is unknown")
    found = code(told(), "retrying_old")
    assert found.state == "degraded"
    assert found.words == "1 event has been tried in vain, the oldest for 20 min 0 s: Deferred."
    assert "ada" not in str(found)
    assert found.look == "tallyman events list --service stripe --status retrying"


def test_dead_letters_are_told_of_by_their_cause(past, told):
    past("3 days", until="2 days 23 hours", type="invoice.paid", **DEAD)
    past("3 days", until="2 days 23 hours", status="dead", error="KeyError: 'ada'")
    found = told()
    assert (found.state, [r.code for r in found.reasons]) == ("degraded", ["dead_letters"] * 2)
    words = " ".join(r.words for r in found.reasons)
    assert "5 dead letters of invoice.paid: Transient 503." in words
    assert "5 dead letters of customer.updated: KeyError." in words


def test_dead_letters_that_grow_are_failing(past, told):
    past("50 min", every="2 min", until="5 min", type="invoice.paid", **DEAD)
    found = code(told(), "dead_letters")
    assert found.state == "failing"
    assert "within the last hour 23 died" in found.words


@pytest.fixture
def died(sql):
    """Have letters of so many types die so long ago, one type a minute before the next."""

    def die(types, ago, each=1):
        sql.execute(DIED, {"types": types, "ago": ago, "each": each})

    return die


def test_of_many_causes_the_first_ten_are_told_of_each(died, told):
    died(12, "1 day")
    reasons = told().reasons
    assert len(reasons) == 11
    assert reasons[-1].words == "2 more dead letters of 2 other causes."


def test_what_kills_now_is_told_by_itself_and_the_others_keep_their_places(died, told):
    died(12, "1 day")
    before = {reason.cause for reason in told().reasons}
    died(13, "30 min")  # the thirteenth is new; of the others, more died
    found = told().reasons
    assert {reason.cause for reason in found} > before - {"others"}
    assert [r.state for r in found if r.words.startswith("1 dead letter of kind.13")] == [
        "degraded"
    ]


def test_more_new_causes_than_are_told_of_are_failing_together_where_they_grow(died, told):
    died(70, "30 min")
    [rest] = [reason for reason in told().reasons if reason.cause == "others"]
    assert rest.state == "failing"
    assert rest.words == (
        "10 more dead letters of 10 other causes; within the last hour 70 died, of all causes."
    )
