"""What is listed in an object is replaced with it: items, entitlements; and lists cut short."""

from integrations.interface import Snapshot
from integrations.syncs import LIST
from tests.worker import batches, stories
from tests.worker.batches import at
from tests.worker.stories import T0, customer_event, drained, put, stripe
from worker.fetched import write

UPDATED = "customer.subscription.updated"
tell, way = batches.tell, batches.way


def test_items_are_those_of_the_newest_version(tell, way, rows):
    one, two = stories.item("si_1"), stories.item("si_2", "price_2", quantity=3)
    older = stripe("evt_1", UPDATED, stories.subscription(items=[one]), T0)
    newer = stripe("evt_2", UPDATED, stories.subscription(items=[two]), T0 + 1)
    tell(*[older, newer][::way])

    (row,) = rows("stripe_subscription_items")
    assert (row["id"], row["price"], row["quantity"]) == ("si_2", "price_2", 3)
    assert (row["subscription"], row["last_event_id"]) == ("sub_1", "evt_2")


def test_a_tie_leaves_the_items_of_the_version_that_won(tell, way, rows):
    versions = [stories.subscription(items=[stories.item(f"si_{n}")]) for n in (1, 2)]
    tell(*[stripe(f"evt_{n}", UPDATED, v) for n, v in enumerate(versions)][::way])

    (parent,), (item,) = rows("stripe_subscriptions"), rows("stripe_subscription_items")
    assert item["last_event_id"] == parent["last_event_id"]
    assert [item["id"]] == [i["id"] for i in parent["data"]["items"]["data"]]


def test_the_same_item_in_two_subscriptions_stands_in_both(rows):
    put(*[stripe(f"evt_{n}", UPDATED, stories.subscription(f"sub_{n}")) for n in (1, 2)])
    drained()

    shown = [(r["subscription"], r["id"]) for r in rows("stripe_subscription_items")]
    assert shown == [("sub_1", "si_1"), ("sub_2", "si_1")]


def test_a_set_that_is_listed_twice_in_one_page_stands_once(clean, rows):
    listed = Snapshot(
        "subscription",
        stories.subscription(),
        T0 * 1000,
        LIST,
        columns={"account": "", "livemode": False, "api_version": None},
    )
    write("stripe", [listed, listed])

    assert [row["id"] for row in rows("stripe_subscription_items")] == ["si_1"]


def test_a_replay_leaves_the_items_as_they_are(sql, mirrored):
    put(stripe("evt_1", UPDATED, stories.subscription()))
    drained()
    before = mirrored()
    sql.execute("UPDATE events SET status = 'retrying', retry_at = now()")

    assert stories.retried() == {"handled": 1}
    assert mirrored() == before


ITEMS = "stripe_subscription_items"


def some(*items, **changes):
    """A subscription with more items than are listed."""
    listed = {"object": "list", "data": list(items), "has_more": True}
    return stories.subscription(items=[], **changes) | {"items": listed}


def ids(found):
    return {row["id"] for row in found}


def test_a_list_cut_short_asks_for_a_fetch_and_deletes_nobody(tell, way, rows):
    whole = stories.subscription(items=[stories.item(f"si_{n}") for n in (1, 2)])
    newer = some(stories.item("si_3"), status="past_due")
    tell(*[stripe("evt_1", UPDATED, whole, T0), stripe("evt_2", UPDATED, newer, T0 + 1)][::way])

    (row,) = rows("stripe_subscriptions")
    assert (row["status"], row["refetch_at"]) == ("past_due", at(T0 + 2))
    assert ids(rows(ITEMS)) == {"si_1", "si_2"}


def test_a_list_cut_short_stands_as_long_as_none_was_whole(tell, way, rows):
    versions = [some(stories.item(f"si_{n}"), metadata={"n": str(n)}) for n in (1, 2)]
    tell(*[stripe(f"evt_{n}", UPDATED, v, T0 + n) for n, v in enumerate(versions)][::way])

    assert ids(rows(ITEMS)) == {"si_2"}
    assert rows("stripe_subscriptions")[0]["refetch_at"] == at(T0 + 2)


def test_items_that_are_not_told_are_to_be_fetched_and_stay(rows):
    put(stripe("evt_1", UPDATED, stories.subscription(), T0))
    drained()
    untold = {k: v for k, v in stories.subscription().items() if k != "items"}
    put(stripe("evt_2", UPDATED, untold, T0 + 1))
    drained()

    assert ids(rows(ITEMS)) == {"si_1"}
    assert rows("stripe_subscriptions")[0]["refetch_at"] == at(T0 + 2)


def test_a_whole_list_that_is_newer_settles_one_cut_short(tell, way, rows):
    whole = stories.subscription(items=[stories.item("si_2")])
    short = stripe("evt_1", UPDATED, some(stories.item("si_1")), T0)
    tell(*[short, stripe("evt_2", UPDATED, whole, T0 + 1)][::way])

    assert ids(rows(ITEMS)) == {"si_2"}
    assert rows("stripe_subscriptions")[0]["refetch_at"] is None


def test_an_older_list_cut_short_changes_nothing(rows):
    put(stripe("evt_2", UPDATED, stories.subscription(), T0 + 1))
    drained()
    put(stripe("evt_1", UPDATED, some(stories.item("si_9")), T0))
    drained()

    assert ids(rows(ITEMS)) == {"si_1"}
    assert rows("stripe_subscriptions")[0]["refetch_at"] is None


def test_an_invoice_with_more_lines_than_listed_asks_for_a_fetch(rows):
    lines = {"object": "list", "data": [{"id": "il_1"}], "has_more": True}
    put(stripe("evt_1", "invoice.updated", {"object": "invoice", "id": "in_1", "lines": lines}))
    drained()

    (row,) = rows("stripe_invoices")
    assert (row["lines"], row["refetch_at"]) == ([{"id": "il_1"}], at(T0 + 1))


GRANTED = "entitlements.active_entitlement_summary.updated"


def test_what_a_customer_may_use_is_what_the_newest_summary_lists(tell, way, rows):
    told = [(T0, stories.summary("cus_1", "ab")), (T0 + 1, stories.summary("cus_1", "bc"))]
    tell(*[stripe(f"evt_{at}", GRANTED, s, at) for at, s in told][::way])

    assert ids(rows("stripe_entitlements")) == {"ent_b", "ent_c"}
    assert {r["customer"] for r in rows("stripe_entitlements")} == {"cus_1"}
    (summary,) = rows("stripe_entitlement_summaries")
    assert (summary["id"], summary["last_event_id"]) == ("cus_1", f"evt_{T0 + 1}")


def test_a_customer_who_may_use_nothing_any_more_has_no_entitlements(tell, way, rows):
    told = [(T0, stories.summary("cus_1", "ab")), (T0 + 1, stories.summary("cus_1", ""))]
    tell(*[stripe(f"evt_{at}", GRANTED, s, at) for at, s in told][::way])

    assert rows("stripe_entitlements") == []


def test_entitlements_are_no_version_of_their_customer(tell, way, rows):
    summary = stripe("evt_2", GRANTED, stories.summary("cus_1", "a"), T0 + 9)
    tell(*[customer_event("evt_1", T0), summary][::way])

    (row,) = rows("stripe_customers")
    assert (row["name"], row["clock"], row["refetch_at"]) == ("Ada", T0 * 1000, None)
