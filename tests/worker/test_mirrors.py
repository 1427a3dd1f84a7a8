"""The rules by which versions of an object compare, one by one."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.worker import stories
from tests.worker.stories import T0, customer_event, drained, put, stripe

UPDATED = "customer.subscription.updated"


def at(seconds):
    return datetime.fromtimestamp(seconds, UTC)


def in_batches(deliveries, together):
    if together:
        put(*deliveries)
        drained()
    for one in [] if together else deliveries:
        put(one)
        drained()


@pytest.fixture(params=[True, False], ids=["in one batch", "in two batches"])
def tell(request, clean):
    return lambda *deliveries: in_batches(deliveries, request.param)


@pytest.fixture(params=[1, -1], ids=["in order", "reversed"])
def way(request):
    return request.param


def test_an_older_version_never_overwrites_a_newer_one(tell, way, rows):
    tell(*[customer_event("evt_1", T0, name="Old"), customer_event("evt_2", T0 + 1)][::way])

    (row,) = rows("stripe_customers")
    assert (row["name"], row["clock"], row["refetch_at"]) == ("Ada", (T0 + 1) * 1000, None)


def test_a_tie_asks_for_a_fetch_whichever_comes_first(tell, way, rows):
    tell(*[customer_event("evt_1", name="A"), customer_event("evt_2", name="B")][::way])

    (row,) = rows("stripe_customers")
    assert row["refetch_at"] == at(T0 + 1)


def test_a_tie_of_equal_contents_asks_for_nothing(tell, way, rows):
    tell(*[customer_event("evt_1"), customer_event("evt_2")][::way])

    (row,) = rows("stripe_customers")
    assert (row["refetch_at"], row["last_event_id"]) == (None, "evt_2")


@pytest.mark.parametrize("other", ["A", "B", "C", "D"])
def test_a_tie_within_a_batch_asks_for_a_fetch_though_the_row_has_won_it_already(other, rows):
    in_batches([customer_event("evt_9")], together=True)
    in_batches([customer_event("evt_1"), customer_event("evt_2", name=other)], together=True)

    (row,) = rows("stripe_customers")
    assert row["refetch_at"] == at(T0 + 1)


def test_a_newer_version_settles_a_tie(tell, way, rows):
    tie = [customer_event("evt_1", name="A"), customer_event("evt_2", name="B")]
    tell(*[*tie, customer_event("evt_3", T0 + 1, name="C")][::way])

    (row,) = rows("stripe_customers")
    assert (row["name"], row["refetch_at"]) == ("C", None)


def test_what_is_deleted_stays_deleted_though_newer_content_stands_behind(tell, way, rows):
    gone = stripe("evt_2", "customer.deleted", {"object": "customer", "id": "cus_1"}, T0 + 1)
    tell(*[customer_event("evt_1"), gone, customer_event("evt_3", T0 + 2, name="Late")][::way])

    (row,) = rows("stripe_customers")
    assert (row["deleted_at"], row["name"], row["clock"]) == (
        at(T0 + 1),
        "Late",
        (T0 + 2) * 1000,
    )


def test_the_latest_deletion_counts(tell, way, rows):
    gone = {"object": "customer", "id": "cus_1", "deleted": True}
    deletions = [stripe(f"evt_{n}", "customer.deleted", gone, T0 + n) for n in (1, 2)]
    tell(*deletions[::way])

    (row,) = rows("stripe_customers")
    assert (row["deleted_at"], row["clock"], row["data"]) == (at(T0 + 2), 0, None)


def test_a_placeholder_holds_nothing_but_its_id(rows):
    put(stripe("evt_1", UPDATED, stories.subscription()))
    drained()

    for table, id in (("customers", "cus_1"), ("prices", "price_1"), ("products", "prod_1")):
        (row,) = rows(f"stripe_{table}")
        assert {k: v for k, v in row.items() if v is not None} == {
            "account": "",
            "id": id,
            "clock": 0,
            "content_hash": 0,
        }


def test_a_placeholder_never_touches_a_row(tell, way, sql, rows):
    deleted = stripe("evt_2", "customer.deleted", {"object": "customer", "id": "cus_1"}, T0)
    tell(*[customer_event("evt_1"), deleted][::way])
    before, written = rows("stripe_customers"), _written(sql)
    put(stripe("evt_3", UPDATED, stories.subscription(), T0 + 9))
    drained()

    assert rows("stripe_customers") == before
    assert _written(sql) == written


def _written(sql):
    return sql.execute("SELECT first_seen_at, written_at FROM stripe_customers").fetchall()


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


@pytest.mark.parametrize("shape", [stories.subscription, stories.old_subscription])
def test_a_subscription_means_the_same_in_both_shapes(shape, rows):
    put(stripe("evt_1", UPDATED, shape()))
    drained()

    (sub,), (item,) = rows("stripe_subscriptions"), rows("stripe_subscription_items")
    assert (sub["customer"], sub["status"]) == ("cus_1", "active")
    assert sub["current_period_start"] == at(T0)
    assert sub["current_period_end"] == at(T0) + timedelta(days=1)
    assert (item["price"], item["product"]) == ("price_1", "prod_1")


def test_an_ended_subscription_is_not_deleted(rows):
    ended = stories.subscription(status="canceled", ended_at=T0)
    put(stripe("evt_1", "customer.subscription.deleted", ended))
    drained()

    (row,) = rows("stripe_subscriptions")
    assert (row["status"], row["deleted_at"], row["ended_at"]) == ("canceled", None, at(T0))


def test_products_compare_by_their_own_time_not_by_the_event_s(tell, way, rows):
    newer = stories.product(name="New", updated=T0 + 5)
    told = [
        stripe("evt_1", "product.updated", newer, T0 + 6),
        stripe("evt_2", "product.updated", stories.product(name="Old"), T0 + 7),
    ]
    tell(*told[::way])

    assert [row["name"] for row in rows("stripe_products")] == ["New"]


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


def test_a_client_secret_is_stored_nowhere(sql, rows, ledger):
    intent = {"object": "payment_intent", "id": "pi_1", "client_secret": "pi_1_secret_x"}
    inner = {"object": "charge", "id": "ch_1", "payment_intent": intent}
    put(stripe("evt_1", "payment_intent.succeeded", intent))
    put(stripe("evt_2", "charge.succeeded", inner, T0 + 1))
    assert drained() == {"handled": 2, "left": 0}

    stored = [*rows("stripe_payment_intents"), *rows("stripe_charges"), *ledger().values()]
    assert len(stored) == 4
    assert "_secret_" not in repr(stored)


def test_of_how_a_charge_was_paid_only_the_face_of_the_card_is_stored(rows):
    card = {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2031}
    details = {"type": "card", "card": card | {"fingerprint": "x", "checks": {"cvc_check": "pass"}}}
    charge = {"object": "charge", "id": "ch_1", "payment_method_details": details}
    put(stripe("evt_1", "charge.succeeded", charge))
    drained()

    (row,) = rows("stripe_charges")
    assert row["data"]["payment_method_details"] == {"type": "card", "card": card}
