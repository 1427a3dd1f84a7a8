"""Clerk's lists and objects, as its own library reads them: its models are strict."""

import pytest
from clerk_backend_api import models

from simulator import clerk as says
from tests.simulator.conftest import NOW

MS = NOW * 1000


@pytest.fixture
def users(services):
    for number in range(12):
        made = says.user(MS + number, id=f"user_{number}")
        services.clerk.store.put("user", made | {"updated_at": MS + (number * 5) % 12})


@pytest.fixture
def team(services):
    store = services.clerk.store
    store.put("organization", organization := says.organization(MS, id="org_1"))
    mine = {"organization": organization, "id": "orgmem_1"}
    store.put("organization_membership", says.membership(MS, **mine))
    invited = says.invitation(MS, id="orginv_1", organization_id="org_1")
    store.put("organization_invitation", invited)


def test_users_come_in_the_order_that_is_asked_for_page_by_page(users, ask_clerk):
    def found(**query):
        return [user.updated_at - MS for user in ask_clerk.users.list(request=query)]

    assert found(limit=5, order_by="-updated_at") == [11, 10, 9, 8, 7]
    assert found(limit=5, offset=5, order_by="-updated_at") == [6, 5, 4, 3, 2]
    assert found(limit=3, order_by="+updated_at") == [0, 1, 2]
    assert len(found()) == 10
    assert ask_clerk.users.count(request={}).total_count == 12


def test_users_are_found_by_id(users, ask_clerk):
    found = ask_clerk.users.list(request={"user_id": ["user_3", "user_none"]})
    assert [user.id for user in found] == ["user_3"]


def test_a_team_is_listed_with_its_total_as_a_whole_and_for_one(team, ask_clerk):
    lists = [
        ask_clerk.organizations.list(limit=1),
        ask_clerk.users.get_instance_organization_memberships(limit=1),
        ask_clerk.organization_memberships.list(organization_id="org_1"),
        ask_clerk.users.get_organization_memberships(user_id="user_ExampleUser"),
        ask_clerk.organization_invitations.get_all(),
        ask_clerk.organization_invitations.list(organization_id="org_1", status="pending"),
    ]
    assert [(found.data[0].id, found.total_count) for found in lists] == [
        ("org_1", 1),
        ("orgmem_1", 1),
        ("orgmem_1", 1),
        ("orgmem_1", 1),
        ("orginv_1", 1),
        ("orginv_1", 1),
    ]
    assert ask_clerk.organization_memberships.list(organization_id="org_2").data == []


def test_a_user_is_made_changed_and_deleted_and_events_tell_of_it(services, ask_clerk):
    made = ask_clerk.users.create(email_address=["ada@example.com"], first_name="Ada")
    assert made.email_addresses[0].email_address == "ada@example.com"
    services.clock.at = NOW + 5
    changed = ask_clerk.users.update(user_id=made.id, first_name="Bea")
    assert (changed.first_name, changed.updated_at) == ("Bea", MS + 5000)
    assert ask_clerk.users.delete(user_id=made.id).deleted is True
    with pytest.raises(models.ClerkErrors) as gone:
        ask_clerk.users.get(user_id=made.id)
    assert (gone.value.status_code, gone.value.data.errors[0].code) == (404, "resource_not_found")
    events = services.clerk.store.events
    assert [event["type"] for event in events] == ["user.created", "user.updated", "user.deleted"]
    assert events[-1]["data"] == {"id": made.id, "object": "user", "deleted": True}


def test_with_an_organization_its_memberships_go_and_are_told_whole(services, team, ask_clerk):
    ask_clerk.organizations.delete(organization_id="org_1")
    first, second = services.clerk.store.events
    assert (first["type"], first["data"]["role"]) == (
        "organizationMembership.deleted",
        "org:member",
    )
    assert second["data"] == {
        "id": "org_1",
        "object": "organization",
        "slug": "abacus",
        "deleted": True,
    }


def test_a_limit_beyond_five_hundred_is_refused(ask_clerk):
    with pytest.raises(models.ClerkErrors) as refused:
        ask_clerk.users.list(request={"limit": 501})
    assert refused.value.status_code == 422


def test_the_public_keys_can_be_asked_for(ask_clerk):
    assert ask_clerk.jwks.get_jwks().keys == []
