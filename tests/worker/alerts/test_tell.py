"""Who is told of an incident: once, kept up to date, and of its end, whatever fails meanwhile."""

import pytest

from simulator.stand_in import Fault
from tests.worker.alerts.conftest import reason, stands

DOWN = Fault(503, b"")


def kinds(fake):
    return [kind for kind, _ in fake.said]


def test_a_bot_posts_changes_its_message_and_answers_it_at_the_end(clock, slack):
    clock.look(stands(reason(words="3 failed")), seconds=300)
    clock.look(stands(reason(words="9 failed"), reason("breaker_open")), seconds=300)
    assert kinds(slack)[0] == "posted"
    assert set(kinds(slack)[1:]) == {"changed"}
    clock.look(stands(), seconds=400)

    (text,) = slack.messages.values()
    assert "stripe has recovered" in text
    assert "9 failed" in text
    ((answer,),) = slack.threads.values()
    assert "stripe has recovered: failing for" in answer
    assert set(slack.tokens) == {"Bearer xoxb-1"}


def test_a_message_leads_to_the_cause_and_to_what_mends_it(clock, slack, set_to):
    set_to(CONSOLE_URL="https://ops.example.com/")
    clock.look(stands(reason(words="5 of 9 failed & more")), seconds=180)
    (text,) = slack.messages.values()
    page = "https://ops.example.com/events?code=call_failing"
    assert text.splitlines() == [
        ":red_circle: *stripe is failing since 2026-11-23 03:00 UTC*",
        "• 5 of 9 failed &amp; more",
        f"   see: <{page}|console> or `tallyman status stripe --because call_failing`",
        "   mend: `tallyman resume stripe`",
    ]


@pytest.mark.parametrize(
    ("mend", "said"),
    [
        ("mend it, then: tallyman effects redrive loops", "then: `tallyman effects redrive loops`"),
        ("wait; tallyman doctor says more", "wait; tallyman doctor says more"),
    ],
)
def test_a_command_is_one_that_can_be_copied(mend, said, clock, slack):
    clock.look(stands(reason(mend=mend)), seconds=180)
    assert next(iter(slack.messages.values())).endswith(said)


def test_mere_other_words_change_a_message_at_most_every_five_minutes(clock, slack):
    for minute in range(16):
        clock.look(stands(reason(words=f"{minute} minutes")), seconds=60)
    assert kinds(slack) == ["posted", "changed", "changed"]


def test_words_that_stay_the_same_change_no_message(clock, slack):
    clock.look(stands(reason()), seconds=1800, every=300)
    assert kinds(slack) == ["posted"]


def test_what_gets_worse_is_said_in_the_thread_and_seen_in_the_channel(clock, slack):
    clock.look(stands(reason(state="degraded")), seconds=660, every=60)
    clock.look(stands(reason(state="failing")), seconds=60)
    assert kinds(slack) == ["posted", "changed", "seen"]


def test_a_webhook_is_told_of_the_beginning_and_of_the_end(clock, hook):
    clock.look(stands(reason(words="3 failed")), seconds=300)
    clock.look(stands(reason(words="9 failed"), reason("breaker_open")), seconds=600, every=60)
    clock.look(stands(), seconds=400)
    assert kinds(hook) == ["webhook", "webhook"]
    assert "stripe is failing" in hook.said[0][1]
    assert "stripe has recovered" in hook.said[1][1]


def test_the_end_of_what_a_bot_told_is_told_by_the_webhook_that_is_left(clock, slack, hook, set_to):
    clock.look(stands(reason()), seconds=180)
    set_to(SLACK_BOT_TOKEN="", SLACK_CHANNEL="")
    clock.look(stands(), seconds=400)
    assert kinds(slack) == ["posted"]
    assert kinds(hook) == ["webhook"]
    assert "stripe has recovered" in hook.said[0][1]


def test_slack_away_for_hours_loses_no_alert_and_tells_what_is_over_once(clock, slack):
    slack.faults = [DOWN] * 1000
    clock.look(stands(reason()), seconds=60)
    clock.look(stands(reason()), seconds=3600, every=300)
    clock.look(
        stands(), stands(reason("silence", "silent"), service="clerk"), seconds=600, every=100
    )
    assert slack.messages == {}

    slack.faults.clear()
    clock.look(
        stands(), stands(reason("silence", "silent"), service="clerk"), seconds=600, every=60
    )
    assert kinds(slack) == ["posted", "posted"]
    of_clerk, of_stripe = sorted(text for _, text in slack.said)
    assert "clerk is silent" in of_clerk
    assert "stripe has recovered: failing for 1 h 2 min" in of_stripe


@pytest.mark.parametrize(
    "fault",
    [Fault(500), Fault(resets=True), Fault(200, b"<html>"), Fault(404)],
    ids=["500", "reset", "no JSON", "404"],
)
def test_a_fault_is_tried_again_until_it_is_told(fault, clock, slack):
    slack.faults = [fault]
    clock.look(stands(reason()), seconds=240)
    assert kinds(slack) == ["posted"]


def test_slack_is_left_alone_for_as_long_as_it_asks(clock, slack, incidents):
    slack.faults = [Fault(429, headers={"retry-after": "3600"})]
    clock.look(stands(reason()), seconds=900)
    assert slack.faults == slack.said == []  # asked once
    assert "retry_after" in incidents()[0].told[0].error


@pytest.mark.parametrize("error", ["ratelimited", "invalid_auth", ""])
def test_an_error_that_slack_says_with_200_is_no_success(error, clock, slack, incidents):
    slack.errors = [error]
    clock.look(stands(reason()), seconds=150)
    (found,) = incidents()
    assert not found.told[0].up_to_date
    assert (error or "strange") in found.told[0].error
    clock.look(stands(reason()), seconds=300)
    assert kinds(slack) == ["posted"]
    assert incidents()[0].told[0].error is None


def test_a_message_that_somebody_deleted_is_left_alone(clock, slack):
    clock.look(stands(reason()), seconds=150)
    slack.messages.clear()
    clock.look(stands(), seconds=400)
    assert kinds(slack) == ["posted", "answered"]


def test_who_dies_after_the_call_tells_it_again(clock, slack, monkeypatch):
    from worker.alerts import tellings

    monkeypatch.setattr(tellings, "told", lambda *_: None)
    clock.look(stands(reason()), seconds=150)
    monkeypatch.undo()
    clock.look(stands(reason()), seconds=120)
    assert kinds(slack) == ["posted", "posted"]


def test_sentry_is_told_although_slack_is_away(clock, slack, sentry):
    slack.faults = [DOWN] * 100
    clock.look(stands(reason()), seconds=150)
    assert len(sentry.events) == 1
