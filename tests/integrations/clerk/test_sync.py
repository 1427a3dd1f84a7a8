"""What Clerk is asked for, by its own library; the Clerk that answers is a fake behind httpx."""

from datetime import UTC, datetime

import pytest

from integrations.clerk import CLERK, calls
from integrations.clerk.sync import SYNC
from integrations.errors import Permanent, Transient
from integrations.offsets import OVERLAP
from integrations.syncs import Page
from settings import settings
from tests.clerk_api import error, json_of
from tests.integrations.clerk.current_shapes import INVITATION, MEMBERSHIP, ORGANIZATION, USER

LIMIT = 50
BEGUN = 1_716_579_404_000 - 1000  # the Date less a part of a second, rounded down


@pytest.fixture(autouse=True)
def short_pages(monkeypatch):
    """Have few objects on a page: the library takes its time."""
    monkeypatch.setattr(calls, "LIMIT", LIMIT)


def collection(kind):
    found = SYNC.collection(kind)
    assert found is not None
    return found


def row(snapshot):
    return CLERK.mirrors[snapshot.object_type].project(snapshot)[0]


def users(number):
    return [{"id": f"user_{n}", "created_at": n, "updated_at": 10**12 + n} for n in range(number)]


def ids(page):
    return [snapshot.object["id"] for snapshot in page.snapshots]


def walk(lists):
    """Return the pages of a listing."""
    pages: list[Page] = []
    cursor = None
    while not pages or cursor is not None:
        pages.append(lists("", cursor))
        cursor = pages[-1].after
    return pages


def test_a_listed_user_is_as_a_webhook_told_it(clerk):
    clerk.of["users"] = [USER]
    page = collection("user").whole("", None)
    (snapshot,) = page.snapshots

    assert snapshot.object == USER
    assert (snapshot.source, snapshot.event_id) == ("list", None)
    assert snapshot.clock == USER["updated_at"]
    assert snapshot.columns == {"instance_id": "ins_1"}
    assert (page.after, page.total, page.begun) == (None, 1, BEGUN)
    assert row(snapshot).values["primary_email"] == "ada@example.org"


def test_users_are_listed_the_newest_first_to_catch_up_and_in_order_of_creation_for_all(clerk):
    clerk.of["users"] = users(3)
    assert ids(collection("user").list("", None)) == ["user_2", "user_1", "user_0"]
    assert ids(collection("user").whole("", None)) == ["user_0", "user_1", "user_2"]
    assert f"users?limit={LIMIT}&offset=0&order_by=-updated_at" in clerk.asked
    assert f"users?limit={LIMIT}&offset=0&order_by=%2Bcreated_at" in clerk.asked


@pytest.mark.parametrize("number", [0, LIMIT - 1, LIMIT, LIMIT + 1, 2 * LIMIT])
def test_all_pages_together_list_each_once(clerk, number):
    clerk.of["users"] = users(number)
    pages = walk(collection("user").whole)
    assert [id for page in pages for id in ids(page)] == [f"user_{n}" for n in range(number)]
    assert {page.total for page in pages} <= {number, None}


@pytest.mark.parametrize("deleted", [1, OVERLAP, LIMIT - OVERLAP])
def test_what_is_deleted_between_two_pages_has_none_left_out(clerk, deleted):
    clerk.of["users"] = users(2 * LIMIT)

    def delete(number):
        if number == 3:  # after the first page, its count and the instance
            del clerk.of["users"][LIMIT - deleted : LIMIT]

    clerk.before = delete
    found = {id for page in walk(collection("user").whole) for id in ids(page)}
    assert {f"user_{n}" for n in range(LIMIT, 2 * LIMIT)} <= found


def test_organizations_memberships_and_invitations_are_listed_of_the_whole_instance(clerk):
    clerk.of |= {
        "organizations": [ORGANIZATION],
        "organization_memberships": [MEMBERSHIP],
        "organization_invitations": [INVITATION],
    }
    kinds = ("organization", "organization_membership", "organization_invitation")
    pages = [collection(kind).whole("", None) for kind in kinds]

    assert [ids(page) for page in pages] == [["org_1"], ["orgmem_1"], ["orginv_1"]]
    assert [page.total for page in pages] == [1, 1, 1]
    listed = [asked for asked in clerk.asked if asked.startswith("organization")]
    assert "include_members_count=true" in listed[0]
    assert "status" not in listed[2]


def test_the_link_of_an_invitation_gets_no_further(clerk):
    clerk.of["organization_invitations"] = [INVITATION]
    (snapshot,) = collection("organization_invitation").whole("", None).snapshots
    assert "s3cret" not in row(snapshot).of.content


def test_an_instance_without_organizations_has_none(clerk):
    clerk.answers["organizations"] = error(403, "organization_not_enabled_in_instance")
    page = collection("organization").whole("", None)
    assert (list(page.snapshots), page.after) == ([], None)


def test_what_the_library_refuses_is_read_all_the_same_and_named_without_values(clerk):
    strange = USER | {"email_addresses": [{"id": "idn_2", "reserved": "odd"}], "banned": "odd"}
    clerk.answers["users"] = json_of([strange, strange | {"id": "user_2"}])
    page = collection("user").whole("", None)

    assert ids(page) == ["user_1", "user_2"]
    assert page.snapshots[0].object["email_addresses"][0]["id"] == "idn_2"
    assert {"[].banned", "[].email_addresses[].email_address", "[].passkeys"} <= set(page.unfit)
    assert not any("odd" in path or "idn_2" in path or "0" in path for path in page.unfit)


def test_what_the_library_cannot_even_tell_apart_is_read_all_the_same(clerk):
    clerk.of["users"] = [USER]  # its verification does not say of which kind it is
    page = collection("user").whole("", None)
    assert (ids(page), page.unfit) == (["user_1"], ["*"])


def test_what_the_library_takes_is_not_unfit(clerk):
    clerk.of["organizations"] = [ORGANIZATION]
    assert list(collection("organization").whole("", None).unfit) == []


def test_one_that_is_no_user_leaves_the_others_readable(clerk):
    clerk.answers["users"] = json_of([USER, 7, {"id": "user_2", "updated_at": "x"}])
    page = collection("user").whole("", None)
    assert [s.object.get("id") for s in page.snapshots] == ["user_1", None, "user_2"]
    assert page.snapshots[2].clock == BEGUN


def test_a_page_that_is_none_is_transient(clerk):
    clerk.answers["users"] = json_of({"a": "page of somebody else"})
    with pytest.raises(Transient):
        collection("user").whole("", None)


def test_without_a_key_it_is_off(clean, monkeypatch):
    assert not SYNC.on()


def test_with_a_key_it_is_on(clerk):
    assert SYNC.on()


def test_a_wrong_key_is_permanent_and_says_nothing_of_the_body(clerk):
    clerk.answers["users"] = error(401, "authentication_invalid")
    with pytest.raises(Permanent, match="401") as refused:
        collection("user").whole("", None)
    assert "authentication" not in str(refused.value)
    assert settings().clerk.clerk_secret_key.get_secret_value() not in str(refused.value)


def test_begun_is_the_services_own_time(clerk):
    clerk.of["users"] = []
    begun = datetime.fromtimestamp(collection("user").whole("", None).begun / 1000, UTC)
    assert begun == datetime(2024, 5, 24, 19, 36, 43, tzinfo=UTC)
