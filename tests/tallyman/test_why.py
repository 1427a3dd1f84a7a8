"""`tallyman why`, and what `events show` tells of an event."""

import json

from tests.worker.stories import T0, drained, put, stripe, subscription


def told(*times):
    for n, at in enumerate(times, 1):
        put(stripe(f"evt_{n}", "customer.subscription.updated", subscription(days=n), at))
        drained()


def test_a_row_is_told_by_its_events(run):
    told(T0, T0 + 9, T0 + 5)
    shown = run("why", "stripe_subscriptions", "sub_1").output
    assert "written by the event evt_2" in shown
    lines = [line.split() for line in shown.splitlines() if "evt_" in line]
    assert any("evt_3" in line and "skipped" in line for line in lines)
    found = json.loads(run("why", "stripe_subscriptions", "sub_1", "--json").output)
    assert {c["event_id"] for c in found["columns"] if c["name"] == "status"} == {"evt_1"}


def test_no_value_of_a_row_is_shown(run):
    put(stripe("evt_1", "customer.updated", {"object": "customer", "id": "cus_1", "name": "Ada"}))
    drained()
    shown = run("why", "stripe_customers", "cus_1", "--json").output
    assert '"name": "name"' in shown
    assert "Ada" not in shown


def test_a_row_or_table_that_is_not_there_is_said_to_be_so(run):
    answer = run("why", "stripe_subscriptions", "sub_1")
    assert "no row sub_1" in answer.output
    assert answer.exit_code == 1
    assert "there are clerk_" in run("why", "users", "user_1").output


def test_an_event_is_shown_with_its_time_line_rows_and_effects(run, sql):
    told(T0, T0 + 9)
    sql.execute(
        "INSERT INTO effects (target, action, entity, service, event_id)"
        " VALUES ('loops', 'contact', 'user_1', 'stripe', 'evt_1')"
    )
    shown = run("events", "show", "evt_1").output
    assert "overwritten" in shown
    assert "effect" in shown
    found = json.loads(run("events", "show", "evt_1", "--json").output)
    assert [moment["what"] for moment in found["timeline"]][:2] == ["happened", "received"]
    assert found["rows"][0]["by"] == "evt_2"
    assert [effect["target"] for effect in found["effects"]] == ["loops"]
    assert found["entity"] == "sub_1"


def test_events_are_listed_by_what_they_are_about(run):
    told(T0)
    put(stripe("evt_9", "customer.updated", {"object": "customer", "id": "cus_1"}))
    drained()
    found = json.loads(run("events", "list", "--entity", "cus_1", "--json").output)
    assert [event["event_id"] for event in found] == ["evt_9"]
