"""When an incident is opened, what belongs to it, and when it is over."""

import pytest

from tests.worker.alerts.conftest import T0, opened, reason, stands


def test_what_a_retry_mends_in_time_alarms_nobody(clock, incidents, sql):
    for _ in range(3):
        clock.look(stands(reason()), seconds=90)
        clock.look(stands(), seconds=120)
    assert incidents() == []
    assert sql.execute("SELECT DISTINCT status FROM incident_reasons").fetchall() == [("passed",)]


def test_what_fails_for_two_minutes_is_an_incident(clock, incidents):
    clock.look(stands(reason()), seconds=120)
    assert incidents() == []
    clock.look(stands(reason()))
    (found,) = incidents()
    assert opened(found) == ("stripe", "call_failing", "failing", 1, False)
    assert (found.reasons[0].words, found.reasons[0].since) == (
        "call_failing says so",
        T0.replace(second=30),
    )


def test_what_is_only_slow_has_ten_minutes(clock, incidents):
    slow = stands(reason("waiting_old", "degraded"))
    clock.look(slow, seconds=600)
    assert incidents() == []
    clock.look(slow)
    assert [opened(found)[:3] for found in incidents()] == [("stripe", "waiting_old", "degraded")]


@pytest.mark.parametrize(("after", "alarms"), [("60", 1), ("never", 0)])
def test_a_setting_says_how_long_it_is_for_a_single_reason(after, alarms, clock, incidents, set_to):
    set_to(ALERT_AFTER=f"sync_late={after}")
    clock.look(stands(reason("sync_late", "degraded")), seconds=900, every=150)
    assert sum(found.alarms for found in incidents()) == alarms


def test_a_pressed_limit_alone_alarms_nobody(clock, incidents):
    clock.look(stands(reason("limiter_pressed", "degraded")), seconds=7200, every=900)
    assert incidents() == []


def test_a_long_incident_is_one_with_its_newest_words(clock, incidents):
    clock.look(stands(reason(words="3 failed")), seconds=300)
    clock.look(stands(reason(words="90 failed")), seconds=3600, every=600)
    (found,) = incidents()
    assert (found.alarms, found.reasons[0].words) == (1, "90 failed")


def test_it_is_over_when_it_was_gone_for_five_minutes(clock, incidents):
    clock.look(stands(reason()), seconds=300)
    clock.look(stands(), seconds=300)
    assert incidents()[0].closed_at is None
    clock.look(stands())
    assert incidents()[0].closed_at == clock.now


def test_what_flickers_is_one_incident_with_one_alarm(clock, incidents):
    for _ in range(12):
        clock.look(stands(reason()), seconds=60)
        clock.look(stands(), seconds=60)
    assert [found.alarms for found in incidents()] == [1]


def test_what_comes_back_is_the_same_incident_and_alarms_ever_more_seldom(clock, incidents):
    for _ in range(8):
        clock.look(stands(reason()), seconds=180, every=60)
        clock.look(stands(), seconds=360, every=60)
    (found,) = incidents()
    assert (found.alarms, found.returns) == (2, 1)  # from then on it has to be gone for ten minutes


def test_what_comes_back_after_an_hour_is_a_new_incident(clock, incidents):
    for _ in range(2):
        clock.look(stands(reason()), seconds=180, every=60)
        clock.look(stands(), seconds=5400, every=600)
    assert [opened(found)[3:] for found in incidents()] == [(1, True), (1, True)]


def test_a_paused_service_opens_nothing_and_closes_nothing(clock, incidents):
    clock.look(stands(reason(), state="paused"), seconds=600, every=300)
    assert incidents() == []
    clock.look(stands(reason()), seconds=300, every=60)
    clock.look(stands(state="paused"), seconds=3600, every=600)
    assert incidents()[0].closed_at is None


def test_what_was_noticed_just_before_a_pause_alarms_nobody_during_it(clock, incidents):
    clock.look(stands(reason()), seconds=60)
    clock.look(stands(reason(), state="paused"), seconds=600, every=150)
    assert incidents() == []


def test_what_was_gone_just_before_a_pause_is_not_over_during_it(clock, incidents):
    clock.look(stands(reason()), seconds=180, every=60)
    clock.look(stands(), seconds=60)
    clock.look(stands(state="paused"), seconds=1200, every=300)
    assert incidents()[0].closed_at is None
    clock.look(stands())
    assert incidents()[0].closed_at == clock.now


def test_what_could_not_be_looked_at_is_not_over(clock, incidents):
    clock.look(stands(reason("dead_letters")), seconds=180, every=60)
    clock.look(stands(unseen=["dead_letters"]), seconds=1200, every=300)
    assert incidents()[0].closed_at is None
    assert incidents()[0].reasons[0].gone_at is None


def test_a_service_that_is_no_longer_set_up_has_nothing_wrong(clock, incidents):
    clock.look(stands(reason()), seconds=300)
    clock.look(stands(state="not configured"), seconds=600, every=60)
    assert incidents()[0].closed_at is not None


def test_words_with_an_address_or_a_key_are_kept_without_them(clock, incidents):
    clock.look(stands(reason(words="ada@example.org failed with sk_live_abcdef")), seconds=300)
    assert incidents()[0].reasons[0].words == "[redacted] failed with [redacted]"


def test_what_is_long_over_is_forgotten(clock, incidents, sql):
    clock.look(stands(reason()), seconds=300)
    clock.look(stands(reason("sync_late")), seconds=30)
    clock.look(stands(), seconds=600, every=60)
    clock.now = T0.replace(year=2027)
    clock.look(stands())
    assert incidents() == []
    assert sql.execute("SELECT count(*) FROM incident_reasons").fetchone() == (0,)


def test_two_looks_at_once_are_one(clock, sql, incidents):
    sql.execute("BEGIN")
    sql.execute(f"SELECT pg_advisory_xact_lock({0x616C65727473})")
    clock.look(stands(reason()))
    sql.execute("ROLLBACK")
    assert clock.looks == ["busy"]
