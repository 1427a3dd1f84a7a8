"""What is listed in an object is compared as a set, and repaired with it; lists cut short."""

import pytest

from tests.worker import stories
from tests.worker.reconcile.shop import Shop
from tests.worker.stories import drained, put, stripe
from worker import reconcile
from worker.syncs import listing

UPDATED = "customer.subscription.updated"
ITEMS = "stripe_subscription_items"
TWO = [stories.item("si_1"), stories.item("si_2", "price_2", quantity=3)]


@pytest.fixture
def shop(clean):
    """Stripe has a subscription with two items, and has told of it."""
    whole = stories.subscription(items=TWO)
    put(stripe("evt_1", UPDATED, whole))
    drained()
    return Shop("subscription", whole)


def items(rows):
    return [(row["id"], row["quantity"]) for row in rows(ITEMS)]


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE {} SET quantity = 9 WHERE id = 'si_2'",
        "DELETE FROM {} WHERE id = 'si_2'",
        "UPDATE {} SET id = 'si_3' WHERE id = 'si_1'",
    ],
)
def test_a_set_that_was_edited_by_hand_is_as_there_again(shop, sql, rows, drift, edit):
    sql.execute(edit.format(ITEMS))

    reconcile.run(shop.sync, apply=True)

    assert {(cause, repaired) for *_, cause, repaired in drift()} == {("changed here", True)}
    assert sorted(items(rows), key=str) == [("si_1", None), ("si_2", 3)]


def test_items_that_changed_there_are_replaced(shop, rows, drift):
    shop.change("sub_1", items=stories.subscription(items=TWO[1:])["items"])

    reconcile.run(shop.sync, apply=True)

    assert items(rows) == [("si_2", 3)]
    fields = [(id, field) for id, field, *_ in drift()]
    assert fields == [("sub_1", "data.items"), ("si_1", "*")]


def cut(subscription):
    """The subscription, of whose items only the first is told."""
    listed = subscription["items"] | {"data": subscription["items"]["data"][:1], "has_more": True}
    return subscription | {"items": listed}


def test_what_is_told_in_part_is_asked_for_whole(shop, rows, drift):
    shop.in_part = cut

    reconcile.run(shop.sync, apply=True)

    assert shop.asked == ["sub_1"]
    assert drift() == []
    assert len(items(rows)) == 2


def test_a_cut_list_never_replaces_a_whole_one_that_a_listing_told(clean, rows):
    shop = Shop("subscription", stories.subscription(items=TWO))
    listing.backfill(shop.sync)
    assert len(items(rows)) == 2

    shop.now, shop.in_part = shop.now + 5, cut
    listing.backfill(shop.sync)

    assert len(items(rows)) == 2
    assert rows("stripe_subscriptions")[0]["refetch_at"] is not None
