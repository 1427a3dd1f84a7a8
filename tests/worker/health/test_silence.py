"""Silence: quieter than its own history by chance allows, and no verdict where that says little."""

from worker.signals import quarters

WEEKS = "35 days"


def test_a_service_that_goes_quiet_is_silent(past, told):
    past(WEEKS, until="3 hours")
    found = told()
    assert found.state == "silent"
    assert found.reasons[0].cause == ""
    assert found.since == found.last_event
    assert "in such a time there are usually 1" in found.reasons[0].words


def test_a_pause_as_short_as_chance_makes_is_none(past, told):
    past(WEEKS, until="40 min")
    assert told().state == "healthy"


def test_one_type_that_goes_quiet_is_told_by_its_name(past, told):
    past(WEEKS)
    past(WEEKS, type="invoice.paid", until="3 hours")
    found = told()
    assert [(r.code, r.cause) for r in found.reasons] == [("silence", "invoice.paid")]


def test_a_service_that_is_quiet_as_a_whole_is_told_of_once(past, told):
    past(WEEKS, until="3 hours")
    past(WEEKS, type="invoice.paid", until="3 hours")
    assert [r.cause for r in told().reasons] == [""]


def test_the_hours_in_which_it_is_always_quiet_say_nothing(past, told, sql):
    past(WEEKS, until="5 hours")
    sql.execute(
        "DELETE FROM events WHERE (now() - received_at) - interval '1 day'"
        " * floor(extract(epoch FROM now() - received_at) / 86400) < interval '5 hours'"
    )
    past("5 hours", until="5 hours")
    assert told().state == "healthy"


def test_a_batch_each_day_is_missed_after_days_and_not_between_two(past, told):
    past(WEEKS, every="1 day", each=50, until="23 hours")
    assert told().state == "healthy"


def test_a_daily_batch_that_stays_away_for_more_than_a_week_is_missed(past, told):
    past("42 days", every="1 day", each=50, until="9 days")
    assert told().state == "silent"


def test_what_came_all_at_once_long_ago_is_no_habit(past, told):
    past(WEEKS)
    past("20 days", type="customer.imported", until="19 days", each=10)
    assert told().state == "healthy"


def test_under_twenty_events_there_is_no_verdict(past, told):
    past(WEEKS)
    past(WEEKS, type="payout.paid", every="2 days", until="12 days")
    assert told().state == "healthy"


def test_two_weeks_of_history_are_needed(past, told):
    past("9 days", until="6 hours")
    assert told().state == "healthy"


def test_a_type_that_is_meant_to_be_quiet_is_not_told_of(past, told, set_to):
    past(WEEKS)
    past(WEEKS, type="invoice.paid", until="3 hours")
    set_to(WATCH_SILENCE_MEANT="stripe:invoice.paid")
    assert told().state == "healthy"


def test_it_stays_silent_however_long_that_lasts(past, told):
    past("150 days", until="100 days", every="1 hour")
    quarters.forget()
    assert told().state == "healthy"  # nobody counted when it was alive: nothing is known


def test_what_fell_silent_keeps_its_history(past, told, sql):
    past(WEEKS)
    past(WEEKS, type="invoice.paid", until="3 hours")
    sql.execute(
        "UPDATE event_quarters SET slot = slot - 6 * 672, last_at = last_at"
        " - interval '42 days' WHERE type = 'invoice.paid'"
    )
    quarters.forget()
    assert [(r.code, r.cause) for r in told().reasons] == [("silence", "invoice.paid")]


def test_while_nobody_counts_or_deliveries_wait_there_is_no_verdict(past, told, sql):
    past(WEEKS, until="3 hours")
    sql.execute(
        "INSERT INTO events (service, event_id, endpoint, account, status, received_at)"
        " VALUES ('stripe', 'evt_waiting', '', '', 'received', now() - interval '150 min')"
    )
    assert "silence" not in [r.code for r in told().reasons]
