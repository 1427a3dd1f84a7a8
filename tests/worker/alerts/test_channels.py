"""Several channels: Sentry's issues, and one that fails beside another."""

from tests.worker.alerts.conftest import reason, stands


def test_a_channel_that_breaks_leaves_the_next_one_told(
    clock, slack, sentry, incidents, monkeypatch
):
    from worker.alerts import slack as channel

    def breaks(_):
        raise KeyError("ada@example.org")

    monkeypatch.setattr(channel, "text", breaks)
    clock.look(stands(reason()), seconds=180)
    assert len(sentry.events) == 1
    (of_sentry, of_slack) = incidents()[0].told
    assert of_sentry.up_to_date
    assert of_slack.error.startswith("KeyError")
    assert "ada" not in of_slack.error


def test_a_test_reaches_sentry_each_time(sentry):
    from worker.alerts.channels import channels

    for _ in range(2):
        for channel in channels():
            channel.test()
    assert len({event["event_id"] for event in sentry.events}) == 2


def test_sentry_has_one_issue_of_an_incident_and_learns_of_its_end_there(clock, sentry):
    clock.look(stands(reason(cause="APIConnectionError")), seconds=300)
    clock.look(stands(), seconds=400)
    first, last = sentry.events
    assert first["fingerprint"] == ["tallyman", "stripe", "call_failing", "APIConnectionError"]
    assert first["fingerprint"] == last["fingerprint"]
    assert (first["level"], last["level"]) == ("error", "info")
    assert first["tags"] == {"service": "stripe", "code": "call_failing", "state": "failing"}
    assert "stripe has recovered" in last["message"]["formatted"]
    assert sentry.heads[0]["x-sentry-auth"].endswith("sentry_key=public")


def test_the_same_telling_has_the_same_id_for_sentry_to_drop(clock, sentry, monkeypatch):
    from worker.alerts import tellings

    monkeypatch.setattr(tellings, "told", lambda *_: None)
    clock.look(stands(reason()), seconds=300)
    assert len(sentry.events) > 1
    assert len({event["event_id"] for event in sentry.events}) == 1


def test_where_nobody_is_set_up_incidents_are_kept_and_told_to_who_comes_later(
    clock, incidents, set_to
):
    clock.look(stands(reason()), seconds=300)
    assert incidents()[0].told == ()
