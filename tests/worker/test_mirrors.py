"""The rules by which versions of an object compare, one by one."""

from datetime import timedelta

import pytest

from tests.worker import batches, stories
from tests.worker.batches import at, in_batches
from tests.worker.stories import T0, customer_event, drained, put, stripe

UPDATED = "customer.subscription.updated"
tell, way = batches.tell, batches.way


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


def test_a_client_secret_is_stored_nowhere(sql, rows, ledger):
    intent = {"object": "payment_intent", "id": "pi_1", "client_secret": "pi_1_secret_x"}
    inner = {"object": "charge", "id": "ch_1", "payment_intent": intent}
    put(stripe("evt_1", "payment_intent.succeeded", intent))
    put(stripe("evt_2", "charge.succeeded", inner, T0 + 1))
    assert drained() == {"handled": 2, "left": 0}

    stored = [*rows("stripe_payment_intents"), *rows("stripe_charges"), *ledger().values()]
    assert len(stored) == 4
    assert "_secret_" not in repr(stored)


@pytest.mark.parametrize("word", ["", "top_secret_project", "pi_1_secret_x"])
def test_how_something_was_paid_is_kept_whatever_else_is_told(word, rows):
    details = {"type": "card", "card": {"brand": "visa", "network_reason_code": "10.4", "new": 1}}
    dispute = {"object": "dispute", "id": "dp_1", "payment_method_details": details}
    put(stripe("evt_1", "charge.dispute.created", dispute | {"metadata": {"note": word}}))
    drained()

    (row,) = rows("stripe_disputes")
    assert row["network_reason_code"] == "10.4"
    assert row["data"]["payment_method_details"] == details
