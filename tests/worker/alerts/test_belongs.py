"""What belongs to an incident, what is one by itself, and what is news of it."""

from tests.worker.alerts.conftest import opened, reason, stands


def test_a_service_that_is_down_is_one_incident_with_its_reasons(clock, incidents):
    five = ("call_failing", "breaker_open", "waiting_old", "sync_late", "failure_rate")
    reasons = [reason(code, "degraded" if code == "sync_late" else "failing") for code in five]
    clock.look(stands(*reasons[:3]), seconds=1200, every=150)
    clock.look(stands(*reasons), seconds=1200, every=150)
    (found,) = incidents()
    assert (found.alarms, {one.code for one in found.reasons}) == (1, set(five))


def test_what_goes_down_long_after_another_part_did_alarms_too(clock, incidents):
    first = reason("dead_letters", cause="KeyError")
    clock.look(stands(first), seconds=1200, every=300)
    clock.look(stands(first, reason("refused_signatures")), seconds=240, every=60)
    assert [opened(one)[1:4] for one in incidents()] == [
        ("dead_letters", "failing", 1),
        ("refused_signatures", "failing", 1),
    ]


def test_a_service_that_is_silent_as_a_whole_takes_in_what_follows(clock, incidents):
    quiet = reason("silence", "silent")
    clock.look(stands(quiet), seconds=1200, every=300)
    clock.look(stands(quiet, reason("refused_signatures")), seconds=240, every=60)
    assert [opened(one)[1:4] for one in incidents()] == [("silence", "failing", 2)]


def test_a_silent_type_takes_in_nothing_that_follows_late(clock, incidents):
    quiet = reason("silence", "silent", cause="invoice.paid")
    clock.look(stands(quiet), seconds=1200, every=300)
    clock.look(stands(quiet, reason("refused_signatures")), seconds=240, every=60)
    assert [one.alarms for one in incidents()] == [1, 1]


def test_two_services_are_two_incidents(clock, incidents):
    clock.look(stands(reason()), stands(reason(), service="clerk"), seconds=300)
    assert {found.service for found in incidents()} == {"stripe", "clerk"}


def test_two_causes_long_after_one_another_are_two_incidents(clock, incidents):
    first = reason("dead_letters", "degraded", cause="KeyError")
    second = reason("dead_letters", "degraded", cause="ValueError")
    clock.look(stands(first), seconds=1200, every=300)
    clock.look(stands(first, second), seconds=300)
    assert [found.cause for found in incidents()] == ["KeyError", "ValueError"]


def test_what_gets_worse_alarms_once_more(clock, incidents):
    clock.look(stands(reason(state="degraded")), seconds=900, every=150)
    clock.look(stands(reason(state="failing")), seconds=300)
    clock.look(stands(reason(state="degraded")), seconds=120)
    clock.look(stands(reason(state="failing")), seconds=120)
    assert [opened(found)[2:4] for found in incidents()] == [("failing", 2)]


def test_what_gets_as_bad_again_after_an_hour_alarms_again(clock, incidents):
    for _ in range(2):
        clock.look(stands(reason(state="failing")), seconds=180, every=60)
        clock.look(stands(reason(state="degraded")), seconds=4200, every=600)
    clock.look(stands(reason(state="failing")), seconds=60)
    assert [opened(found)[2:4] for found in incidents()] == [("failing", 3)]


def test_what_nobody_is_told_of_keeps_no_incident_open(clock, incidents, sql):
    pressed = reason("limiter_pressed", "degraded")
    clock.look(stands(reason(), pressed), seconds=300, every=60)
    clock.look(stands(pressed), seconds=360, every=60)
    (found,) = incidents()
    assert found.closed_at is not None
    assert {one.code for one in found.reasons} == {"call_failing", "limiter_pressed"}
    clock.look(stands(pressed), seconds=3600, every=600)
    assert [one.alarms for one in incidents()] == [1]


def test_a_part_that_is_over_leaves_the_rest_of_the_incident_open(clock, incidents):
    dead = reason("dead_letters", "degraded")
    clock.look(stands(reason(), dead), seconds=300)
    clock.look(stands(dead), seconds=900, every=60)
    (found,) = incidents()
    assert opened(found) == ("stripe", "call_failing", "degraded", 1, False)
    assert [(one.code, one.gone_at is None) for one in found.reasons] == [
        ("dead_letters", True),
        ("call_failing", False),
    ]


def test_of_two_reasons_alike_the_worse_is_kept(clock, incidents):
    alike = stands(reason(state="failing"), reason(state="degraded"))
    clock.look(alike, seconds=180, every=60)
    assert [found.state for found in incidents()] == ["failing"]
