"""What moves without the object's own clock: when a user was last active, how many members are."""

import pytest

from tests.worker import stories
from tests.worker.reconcile.shop import Shop
from tests.worker.stories import T0, drained, put, user
from worker import reconcile
from worker.syncs import listing

LATER = (T0 + 3600) * 1000


@pytest.fixture
def shop(clean):
    """Clerk told of four users, who have been active since."""
    users = [user(f"user_{n}", T0, last_active_at=T0 * 1000) for n in range(4)]
    put(*(stories.clerk(f"msg_{one['id']}", "user.created", one) for one in users))
    drained("clerk")
    active = [one | {"last_active_at": LATER} for one in users]
    return Shop("user", *active, service="clerk", at_once=10)


def active(rows):
    return {round(row["last_active_at"].timestamp() * 1000) for row in rows("clerk_users")}


def open_ones(rows):
    return [row["id"] for row in rows("clerk_users") if row["refetch_at"]]


def test_a_listing_tells_it_and_nobody_is_asked_for_one_by_one(shop, rows, last_run):
    assert listing.catch_up(shop.sync) == "user=complete"

    assert active(rows) == {LATER}
    assert open_ones(rows) == []
    assert (last_run()["there"], last_run()["here"], last_run()["fetched"]) == (4, 4, 0)


def test_what_really_changed_with_an_equal_clock_is_told_by_a_later_listing_too(
    shop, rows, last_run
):
    shop.change("user_2", first_name="Grace")
    listing.catch_up(shop.sync)

    names = [row["first_name"] for row in rows("clerk_users")]
    assert names.count("Grace") == 1
    assert open_ones(rows) == []
    assert (last_run()["here"], last_run()["fetched"]) == (3, 1)


def test_within_the_second_of_the_clock_only_the_object_itself_can_tell(shop, rows):
    shop.now = T0
    listing.catch_up(shop.sync)
    assert open_ones(rows) == [f"user_{n}" for n in range(4)]


def test_a_user_deleted_meanwhile_does_not_come_back_by_it(shop, sql):
    sql.execute("UPDATE clerk_users SET deleted_at = now() WHERE id = 'user_1'")
    listing.catch_up(shop.sync)
    found = sql.execute("SELECT id FROM clerk_users WHERE deleted_at IS NOT NULL").fetchall()
    assert found == [("user_1",)]


@pytest.mark.parametrize("apply", [False, True])
def test_it_is_no_drift(shop, drift, apply):
    reconcile.run(shop.sync, apply=apply)
    assert drift() == []


def test_beside_another_difference_only_that_is_told(shop, drift):
    shop.change("user_2", first_name="Grace")
    reconcile.run(shop.sync, apply=True)
    assert [field for _, field, _, _ in drift()] == ["first_name"]


def test_what_is_read_twice_at_the_top_is_counted_once(shop, last_run):
    shop.options["newest_first"] = True
    listing.catch_up(shop.sync)
    assert last_run()["there"] == 4


def test_a_membership_has_no_drift_of_its_organization_and_of_its_user(clean, drift, rows):
    joined = stories.membership()
    put(stories.clerk("msg_1", "organizationMembership.created", joined))
    drained("clerk")
    copy = joined["organization"] | {"members_count": 7, "name": "Another"}
    member = joined | {"organization": copy, "public_user_data": {"user_id": "user_1", "age": 1}}
    listed = Shop("organization_membership", member, service="clerk")

    assert listing.catch_up(listed.sync) == "organization_membership=complete"
    reconcile.run(listed.sync, apply=False)
    assert drift() == []
    assert [row["source"] for row in rows("clerk_memberships")] == ["webhook"]
