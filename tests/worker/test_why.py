"""Why a row is as it is, told by what the events' bodies say once more."""

import pytest

from tests.worker.stories import (
    T0,
    clerk,
    customer_event,
    drained,
    item,
    membership,
    put,
    stripe,
    subscription,
    user,
)
from worker import why

SUBSCRIPTIONS = "stripe_subscriptions"


def told(id, at, **fields):
    return stripe(id, "customer.subscription.updated", subscription(**fields), at)


def applied(*deliveries, service="stripe"):
    """Apply them one after the other."""
    for one in deliveries:
        put(one)
        drained(service)


def outcomes(found):
    return {step.event_id: step.outcome for step in found.events}


def setters(found):
    return {column.name: column.event_id for column in found.columns}


def test_each_column_names_the_event_that_set_its_present_value(clean):
    applied(
        told("evt_1", T0, status="trialing", metadata={"team": "a"}),
        told("evt_2", T0 + 10, status="active", metadata={"team": "a"}),
        told("evt_3", T0 + 20, status="active", metadata={"team": "b"}),
    )
    found = why.row(SUBSCRIPTIONS, "sub_1")
    assert found.written_by == "the event evt_3"
    assert setters(found)["customer"] == "evt_1"
    assert setters(found)["status"] == "evt_2"
    assert setters(found)["metadata"] == "evt_3"
    assert outcomes(found) == {"evt_1": "overwritten", "evt_2": "overwritten", "evt_3": "stands"}


def test_a_value_that_came_back_is_the_later_events(clean):
    applied(
        told("evt_1", T0, status="active"),
        told("evt_2", T0 + 10, status="past_due"),
        told("evt_3", T0 + 20, status="active"),
    )
    assert setters(why.row(SUBSCRIPTIONS, "sub_1"))["status"] == "evt_3"


def test_an_event_that_came_too_late_is_told_as_skipped(clean):
    applied(told("evt_new", T0 + 10), told("evt_old", T0, status="past_due"))
    found = why.row(SUBSCRIPTIONS, "sub_1")
    assert [step.event_id for step in found.events] == ["evt_old", "evt_new"]
    assert outcomes(found) == {"evt_old": "skipped", "evt_new": "stands"}
    assert "evt_new" in found.events[0].words


def test_of_one_batch_none_is_told_to_have_come_too_late(clean):
    put(told("evt_new", T0 + 10), told("evt_old", T0, status="past_due"))
    drained()
    found = why.row(SUBSCRIPTIONS, "sub_1")
    assert outcomes(found) == {"evt_old": "overwritten", "evt_new": "stands"}


def test_two_versions_of_one_moment_are_told_as_a_tie_to_be_fetched(clean):
    applied(told("evt_1", T0), told("evt_2", T0, status="past_due"))
    found = why.row(SUBSCRIPTIONS, "sub_1")
    assert all("of the same moment" in step.words for step in found.events)
    assert any("is to be fetched" in note for note in found.notes)


def test_a_member_of_a_set_leads_to_its_parents_events(clean):
    cheap, dear = [item(quantity=1)], [item(quantity=2)]
    applied(told("evt_1", T0, items=cheap), told("evt_2", T0 + 10, items=dear))
    found = why.row("stripe_subscription_items", "si_1")
    assert found.parent == (SUBSCRIPTIONS, "sub_1")
    assert setters(found)["quantity"] == "evt_2"
    assert setters(found)["price"] == "evt_1"


def test_a_body_that_is_not_kept_is_told_as_such_and_the_rest_still_is(sql):
    applied(told("evt_1", T0), told("evt_2", T0 + 10), told("evt_3", T0 + 20, status="past_due"))
    sql.execute("UPDATE events SET body = NULL WHERE event_id = 'evt_2'")
    sql.execute("UPDATE events SET body = NULL, archive_key = 'x' WHERE event_id = 'evt_1'")
    found = why.row(SUBSCRIPTIONS, "sub_1")
    assert outcomes(found) == {"evt_1": "unread", "evt_2": "unread", "evt_3": "stands"}
    assert {s.words for s in found.events if s.outcome == "unread"} == {
        "its body is not kept any more",
        "its body is in the archive",
    }
    assert setters(found)["status"] == "evt_3"


def test_what_somebody_wrote_to_the_table_is_no_events_doing(sql):
    applied(told("evt_1", T0))
    sql.execute("UPDATE stripe_subscriptions SET status = 'unpaid'")
    (status,) = [c for c in why.row(SUBSCRIPTIONS, "sub_1").columns if c.name == "status"]
    assert status.event_id is None
    assert "changed here" in status.by


def test_a_row_that_a_sync_wrote_says_so_but_for_what_an_event_told_before(sql):
    applied(told("evt_1", T0))
    sql.execute(
        "UPDATE stripe_subscriptions SET source = 'list', last_event_id = NULL, status = 'unpaid',"
        " data = jsonb_set(data, '{status}', '\"unpaid\"')"
    )
    sql.execute(
        "INSERT INTO drift (run_id, service, table_name, row_id, field, here, there, cause,"
        " repaired_at) VALUES (7, 'stripe', 'stripe_subscriptions', 'sub_1', 'status', 'active',"
        " 'unpaid', 'missed event', now())"
    )
    found = why.row(SUBSCRIPTIONS, "sub_1")
    assert "a sync, from a listing" in found.written_by
    assert outcomes(found) == {"evt_1": "overwritten"}
    assert setters(found)["status"] is None
    assert setters(found)["customer"] == "evt_1"
    assert [(d["field"], d["cause"], d["repaired_at"] is None) for d in found.drift] == [
        ("status", "missed event", False)
    ]


def test_a_deletion_names_the_event_that_told_it(clean):
    gone = {"object": "user", "id": "user_1", "deleted": True}
    created, deleted = (
        clerk("m1", "user.created", user()),
        clerk("m2", "user.deleted", gone, T0 + 9),
    )
    applied(created, deleted, service="clerk")
    found = why.row("clerk_users", "user_1")
    assert outcomes(found) == {"m1": "stands", "m2": "deleted"}
    assert setters(found)["deleted_at"] == "m2"


def test_what_only_another_object_named_is_a_placeholder(clean):
    applied(clerk("m1", "organizationMembership.created", membership()), service="clerk")
    found = why.row("clerk_users", "user_1")
    assert "only seen inside another object" in found.written_by
    assert found.events == []


def test_an_id_of_several_accounts_asks_which_is_meant(clean):
    applied(
        told("evt_1", T0),
        stripe("evt_2", "customer.subscription.updated", subscription(), account="acct_2"),
    )
    with pytest.raises(why.AmbiguousError, match="acct_2"):
        why.row(SUBSCRIPTIONS, "sub_1")
    assert outcomes(why.row(SUBSCRIPTIONS, "sub_1", "acct_2")) == {"evt_2": "stands"}


def test_an_unknown_table_or_row_says_what_there_is(clean):
    with pytest.raises(why.UnknownError, match="stripe_subscriptions"):
        why.row("subscriptions", "sub_1")
    with pytest.raises(why.UnknownError, match="no row"):
        why.row(SUBSCRIPTIONS, "sub_9")


def test_an_event_tells_which_rows_it_wrote_and_which_show_it_no_more(clean):
    applied(told("evt_1", T0), told("evt_2", T0 + 10, status="past_due"), customer_event())
    first, second = why.event("stripe", "evt_1"), why.event("stripe", "evt_2")
    assert first is not None
    assert second is not None
    rows = {(w.table, w.id): (w.state, w.by) for w in first.rows}
    assert rows == {
        (SUBSCRIPTIONS, "sub_1"): ("overwritten", "evt_2"),
        ("stripe_subscription_items", "si_1"): ("overwritten", "evt_2"),
    }
    (wrote,) = second.rows[:1]
    assert wrote.state == "stands"
    assert [m.what for m in second.timeline] == [
        "happened",
        "received",
        "handled",
    ]
