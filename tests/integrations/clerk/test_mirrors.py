"""Clerk's objects, and the rows they become."""

from datetime import UTC, datetime

import pytest

from db.models.clerk import Organization, User
from integrations.errors import Unreadable
from integrations.interface import Row
from tests.integrations.examples import CREATED, OBJECTS, project

USER = OBJECTS["clerk"]["user"]
MEMBERSHIP = OBJECTS["clerk"]["organization_membership"]
INVITATION = OBJECTS["clerk"]["organization_invitation"]


def values(**changes):
    (row,) = project("clerk", USER | changes)
    return row.values


def test_the_primary_address_is_found_among_several():
    found = values()
    assert found["primary_email"] == "ada@example.org"
    assert found["primary_email_verified"] is True


@pytest.mark.parametrize(
    ("verification", "verified"),
    [
        (None, False),
        ({"status": "unverified"}, False),
        ({"status": None}, False),
        ({"status": "verified", "strategy": "ticket"}, True),
        ({"status": "transferable"}, False),
    ],
)
def test_an_address_counts_as_verified_only_when_clerk_says_so(verification, verified):
    address = {"id": "idn_2", "email_address": "a@example.org", "verification": verification}
    assert values(email_addresses=[address])["primary_email_verified"] is verified


@pytest.mark.parametrize(
    "changes",
    [
        {"primary_email_address_id": None},
        {"primary_email_address_id": "idn_9"},
        {"email_addresses": []},
        {"primary_email_address_id": None, "email_addresses": [{"email_address": "x@x.org"}]},
    ],
)
def test_there_is_no_primary_address_when_none_is_named(changes):
    found = values(**changes)
    assert found["primary_email"] is None
    assert found["primary_email_verified"] is None


def test_the_primary_phone_is_found():
    phones = [{"id": "idn_8", "phone_number": "+1"}, {"id": "idn_9", "phone_number": "+2"}]
    found = values(primary_phone_number_id="idn_9", phone_numbers=phones)
    assert found["primary_phone"] == "+2"


@pytest.mark.parametrize("time", [CREATED, CREATED * 1000])
def test_a_users_times_may_come_in_seconds_or_in_milliseconds(time):
    assert values(created_at=time)["created_at"] == datetime.fromtimestamp(CREATED, UTC)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": None}, "User.id"),
        ({"email_addresses": [5]}, "User.email_addresses.0"),
        ({"banned": "perhaps"}, "User.banned"),
        ({"updated_at": "now"}, "User.updated_at"),
        ({"public_metadata": "text"}, "User.public_metadata"),
    ],
)
def test_a_user_with_a_wrong_field_is_unreadable_and_says_which(changes, field):
    with pytest.raises(Unreadable) as unreadable:
        values(**changes)
    assert str(unreadable.value).startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("org:admin", "org:admin"),
        ("org:member", "org:member"),
        ("admin", "org:admin"),
        ("basic_member", "org:member"),
        ("org:billing", "org:billing"),
        ("billing", "org:billing"),
        (None, None),
    ],
)
@pytest.mark.parametrize("obj", [MEMBERSHIP, INVITATION], ids=lambda obj: obj["object"])
def test_a_role_has_one_form_whatever_the_age_of_the_instance(obj, sent, kept):
    row, *_ = project("clerk", obj | {"role": sent})
    assert row.values["role"] == kept
    assert row.of.raw["role"] == sent


def test_a_membership_makes_placeholders_of_its_organization_and_its_user():
    _, *others = project("clerk", MEMBERSHIP)
    assert others == [Row(Organization, "org_1"), Row(User, "user_1")]


def test_an_invitation_makes_placeholders_of_its_organization_and_of_who_invited():
    _, *others = project("clerk", INVITATION)
    assert others == [Row(Organization, "org_1"), Row(User, "user_1")]


@pytest.mark.parametrize("missing", ["organization", "public_user_data"])
def test_a_membership_may_leave_out_what_it_embeds(missing):
    row, *others = project("clerk", MEMBERSHIP | {missing: None})
    assert row.id == "orgmem_1"
    assert len(others) == 1


@pytest.mark.parametrize("provider", ["oauth_google", "google"])
def test_a_provider_has_one_name(provider):
    account = {"object": "google_account", "provider": provider, "provider_user_id": "1"}
    (kept,) = values(external_accounts=[account])["external_accounts"]
    assert kept == {"provider": "google", "provider_user_id": "1"}


def test_accounts_that_are_not_told_are_not_said_to_be_none():
    assert values()["external_accounts"] is None
    assert values(external_accounts=[])["external_accounts"] == []


def test_the_link_of_an_invitation_that_was_fetched_is_not_in_its_row():
    link = {"url": "https://example.org/accept?ticket=s3cret"}
    row, *_ = project("clerk", INVITATION | link, source="fetch")
    assert row.of.raw == INVITATION


def test_backup_codes_are_not_in_the_row_of_a_user_who_was_fetched_and_metadata_of_that_name_is():
    phone = {"object": "phone_number", "phone_number": "+1", "backup_codes": ["s3cret"]}
    changes = {"phone_numbers": [phone], "public_metadata": {"url": "x", "backup_codes": 1}}
    (row,) = project("clerk", USER | changes, source="fetch")
    assert row.of.raw["phone_numbers"] == [{"object": "phone_number", "phone_number": "+1"}]
    assert row.values["public_metadata"] == {"url": "x", "backup_codes": 1}


@pytest.mark.parametrize(
    ("obj", "field"),
    [
        (MEMBERSHIP | {"organization": 5}, "Membership.organization"),
        (MEMBERSHIP | {"public_user_data": {"user_id": 5}}, "Membership.public_user_data.user_id"),
        (MEMBERSHIP | {"permissions": "all"}, "Membership.permissions"),
        (MEMBERSHIP | {"role": 5}, "Membership.role"),
        (INVITATION | {"expires_at": "soon"}, "Invitation.expires_at"),
        (INVITATION | {"organization_id": []}, "Invitation.organization_id"),
        (OBJECTS["clerk"]["organization"] | {"members_count": 2**63}, "Organization.members_count"),
        (USER | {"external_accounts": [{"provider": 5}]}, "User.external_accounts.0.provider"),
    ],
)
def test_an_object_with_a_wrong_field_is_unreadable_and_says_which(obj, field):
    with pytest.raises(Unreadable) as unreadable:
        project("clerk", obj)
    assert str(unreadable.value).startswith(f"{field}: ")
