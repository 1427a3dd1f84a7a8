"""Clerk's users, and the rows they become."""

from datetime import UTC, datetime

import pytest

from integrations.errors import Unreadable
from tests.integrations.examples import CREATED, OBJECTS, project

USER = OBJECTS["clerk"]["user"]


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
