"""One object of Clerk, asked for by itself."""

from datetime import UTC, datetime

import pytest

from integrations.clerk import CLERK, calls
from integrations.clerk.answers import ask
from integrations.clerk.sync import SYNC
from integrations.errors import Permanent
from integrations.outbound import lately
from tests.clerk_api import error, json_of
from tests.integrations.clerk.current_shapes import INVITATION, MEMBERSHIP, ORGANIZATION, USER

GONE_AT = datetime(2024, 5, 24, 19, 36, 43, tzinfo=UTC)  # the Date, less a part of a second


def fetch(kind, name):
    found = SYNC.collection(kind)
    assert found is not None
    assert found.fetch is not None
    return found.fetch("", name)


def name_of(kind, known):
    found = SYNC.collection(kind)
    assert found is not None
    return found.named(known)


@pytest.mark.parametrize(
    ("kind", "known", "path", "answered"),
    [
        ("user", USER, "users/user_1", USER),
        ("organization", ORGANIZATION, "organizations/org_1", ORGANIZATION),
        (
            "organization_membership",
            MEMBERSHIP,
            "organizations/org_1/memberships",
            {"data": [{"id": "orgmem_0"}, MEMBERSHIP], "total_count": 2},
        ),
        (
            "organization_invitation",
            INVITATION,
            "organizations/org_1/invitations/orginv_1",
            INVITATION,
        ),
    ],
)
def test_one_is_fetched_by_what_is_known_of_it(clerk, kind, known, path, answered):
    clerk.answers[path] = json_of(answered)
    snapshot = fetch(kind, name_of(kind, known))

    assert snapshot.object == known
    assert (snapshot.object_type, snapshot.source, snapshot.gone_at) == (kind, "fetch", None)
    assert snapshot.clock == known["updated_at"]
    assert snapshot.columns == {"instance_id": "ins_1"}
    assert CLERK.mirrors[kind].project(snapshot)


def test_a_user_that_clerk_does_not_know_is_gone_since_the_answer(clerk):
    clerk.answers["users/user_9"] = error(404, "resource_not_found")
    snapshot = fetch("user", "user_9")
    assert (snapshot.object["id"], snapshot.gone_at) == ("user_9", GONE_AT)
    assert snapshot.clock == GONE_AT.timestamp() * 1000


@pytest.mark.parametrize(
    ("kind", "name", "path"),
    [
        ("user", "user_9", "users/user_9"),
        ("organization", "org_9", "organizations/org_9"),
        (
            "organization_membership",
            "org_9/user_9/orgmem_9",
            "organizations/org_9/memberships",
        ),
        (
            "organization_invitation",
            "org_9/orginv_9",
            "organizations/org_9/invitations/orginv_9",
        ),
    ],
)
def test_that_somebody_is_gone_is_no_call_that_failed(clerk, kind, name, path):
    clerk.answers[path] = error(404, "resource_not_found")
    assert fetch(kind, name).gone_at == GONE_AT
    assert set(lately(10).minutes) == {("clerk", "ok")}


@pytest.mark.parametrize("path", ["users", "users/count", "organization_memberships"])
def test_that_there_is_no_listing_is_a_call_that_failed(clerk, path):
    clerk.answers[path] = error(404, "resource_not_found")
    asked = {
        "users": calls.users(calls.OLDEST),
        "users/count": lambda api, _: api.users.count(request={}),
        "organization_memberships": calls.memberships,
    }
    ask(lambda api: asked[path](api, 0))
    assert set(lately(10).minutes) == {("clerk", "permanent")}


def test_who_joined_again_has_another_membership_and_the_old_one_is_gone(clerk):
    rejoined = {"data": [MEMBERSHIP | {"id": "orgmem_2"}], "total_count": 1}
    clerk.answers["organizations/org_1/memberships"] = json_of(rejoined)
    assert fetch("organization_membership", "org_1/user_1/orgmem_1").gone_at == GONE_AT


@pytest.mark.parametrize("code", ["404", "route_not_matched"])
def test_an_answer_404_that_speaks_of_no_object_makes_nothing_gone(clerk, code):
    clerk.answers["users/user_1"] = error(404, code)
    with pytest.raises(Permanent, match="404"):
        fetch("user", "user_1")


def test_a_proxys_page_makes_nothing_gone(clerk):
    clerk.answers["users/user_1"] = json_of("not found", 404)
    with pytest.raises(Permanent, match="404"):
        fetch("user", "user_1")


def test_organizations_that_are_switched_off_are_not_gone(clerk):
    off = error(403, "organization_not_enabled_in_instance")
    clerk.answers["organizations/org_1"] = off
    with pytest.raises(Permanent, match="switched off"):
        fetch("organization", "org_1")


def test_of_a_membership_the_id_alone_does_not_do(clerk):
    with pytest.raises(Permanent, match="by its id alone"):
        fetch("organization_membership", "orgmem_1")
    assert clerk.asked == []


def test_a_fetched_user_tells_what_the_librarys_types_do_not_know(clerk):
    clerk.answers["users/user_1"] = json_of(USER | {"a_field_of_next_year": [1]})
    assert fetch("user", "user_1").object["a_field_of_next_year"] == [1]
