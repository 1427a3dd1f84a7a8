"""What reaches PostHog: against a loopback stand-in."""

from datetime import datetime
from uuid import UUID

import pytest

from simulator.posthog_api import Fault
from tests.integrations.posthog.conftest import AT


def the_event(posthog):
    (event,) = posthog.events
    return event


def test_a_capture_says_what_happened_to_whom_and_when(posthog, ask):
    groups = {"organization": "org_1"}
    told = {"event": "plan_bought", "properties": {"plan": "pro"}, "user": "user_1"}
    assert ask("capture", **told, groups=groups) == [("sent", None)]
    event = the_event(posthog)
    assert (event["event"], event["distinct_id"]) == ("plan_bought", "user_1")
    assert datetime.fromisoformat(event["timestamp"]) == AT
    assert event["properties"]["plan"] == "pro"
    assert event["properties"]["$groups"] == groups
    assert event["properties"]["$geoip_disable"] is True
    assert posthog.batches[0]["api_key"] == "phc_of_the_tests"
    assert posthog.batches[0]["historical_migration"] is False


def test_a_capture_of_a_backfill_is_taken_as_an_old_one(posthog, ask):
    ask("capture", event="plan_bought", user="user_1", historical=True)
    assert posthog.batches[0]["historical_migration"] is True


def test_a_customer_is_the_user_that_its_metadata_names(posthog, ask, keep):
    keep("stripe_customers", account="", id="cus_1", metadata='{"user_id": "user_7"}')
    ask("capture", event="invoice_paid", customer="cus_1")
    assert the_event(posthog)["distinct_id"] == "user_7"


def test_a_capture_waits_and_says_why_while_nobody_knows_who_the_customer_is(posthog, ask, keep):
    ((status, why),) = ask("capture", event="invoice_paid", customer="cus_1")
    assert (status, posthog.events) == ("waiting", [])
    assert "not known who the customer is" in why
    keep("stripe_customers", account="", id="cus_1", metadata='{"user_id": "user_7"}')
    assert ask()[0][0] == "sent"


@pytest.mark.parametrize(
    "told",
    [
        {"event": "paid"},
        {"event": "paid", "user": "cus_1"},
        {"event": "paid", "user": ["user_1"]},
        {"user": "user_1"},
        {"event": "", "user": "user_1"},
    ],
)
def test_a_capture_of_nothing_or_nobody_is_dead_unsent(posthog, ask, told):
    assert ask("capture", **told)[0][0] == "dead"
    assert posthog.events == []


def test_a_user_is_identified_by_what_the_mirror_says_now(posthog, ask, keep):
    user = {"primary_email": "ada@example.org", "first_name": "Ada", "last_name": "Lovelace"}
    keep("clerk_users", id="user_1", data="{}", created_at=AT, **user)
    assert ask("identify", entity="user_1") == [("sent", None)]
    event = the_event(posthog)
    assert (event["event"], event["distinct_id"]) == ("$set", "user_1")
    assert event["$set"] == {
        "email": "ada@example.org",
        "name": "Ada Lovelace",
        "username": None,
        "locale": None,
        "external_id": None,
        "created_at": "2026-11-20T12:30:00+00:00",
        "deleted_at": None,
    }


def test_of_a_deleted_user_nothing_personal_stays(posthog, ask, keep):
    keep("clerk_users", id="user_1", primary_email="ada@example.org", data="{}", deleted_at=AT)
    ask("identify", entity="user_1")
    told = the_event(posthog)["$set"]
    assert told.pop("deleted_at") == "2026-11-20T12:30:00+00:00"
    assert told == dict.fromkeys(("email", "name", "username", "locale", "external_id"))


@pytest.mark.parametrize("action", ["identify", "group"])
def test_nothing_is_sent_of_whom_nothing_is_known(posthog, ask, keep, action):
    assert ask(action, entity="one_1")[0][0] == "waiting"
    keep("clerk_users" if action == "identify" else "clerk_organizations", id="one_1")
    assert ask()[0][0] == "waiting"
    assert posthog.events == []


def test_an_organization_is_a_group_and_the_same_event_at_every_attempt(posthog, ask, keep):
    keep("clerk_organizations", id="org_1", name="Abacus", slug="abacus", data="{}")
    posthog.faults.append(Fault(500, done=True))
    assert ask("group", entity="org_1")[0][0] == "waiting"
    assert ask()[0][0] == "sent"
    event = posthog.events[1]
    assert event["event"] == "$groupidentify"
    assert event["properties"]["$group_type"] == "organization"
    assert event["properties"]["$group_key"] == "org_1"
    assert event["properties"]["$group_set"]["name"] == "Abacus"
    assert len(posthog.kept) == 1


def test_an_alias_belongs_to_the_user(posthog, ask):
    ask("alias", user="user_1", alias="browser-7")
    event = the_event(posthog)
    assert (event["event"], event["distinct_id"]) == ("$create_alias", "user_1")
    assert event["properties"]["alias"] == "browser-7"


def test_a_repeated_attempt_is_the_same_event_and_another_effect_is_another(posthog, ask):
    posthog.faults.append(Fault(503, done=True))
    told = {"event": "paid", "user": "user_1"}
    ask("capture", **told)
    ask()
    ask("capture", key="two", **told)
    assert len(posthog.events) == 3
    first, again, other = (UUID(event["uuid"]) for event in posthog.events)
    assert first == again != other
    assert {uuid.version for uuid in (first, other)} == {5}
    assert len(posthog.kept) == 2
