"""Lists that Stripe embeds, told or not, whole or not: what stands, and what is to be fetched."""

from datetime import UTC, datetime

import pytest

from tests.worker import stories
from tests.worker.stories import T0, drained, put, stripe

NOT_TOLD = [None, {}, {"data": None}, {"data": None, "has_more": False}]
LATER = datetime.fromtimestamp(T0 + 2, UTC)
MADE: dict[str, stories.Object] = {
    "items": stories.subscription(),
    "entitlements": stories.summary("cus_1", "a"),
}
TABLES = {
    "items": ("stripe_subscriptions", "stripe_subscription_items"),
    "entitlements": ("stripe_entitlement_summaries", "stripe_entitlements"),
}


def tell(object, at=T0):
    """Deliver a version of an object; what cannot be read would be dead."""
    put(stripe(f"evt_{at}", "thing.updated", object, at))
    assert drained() == {"handled": 1, "left": 0}


@pytest.mark.parametrize("told", NOT_TOLD, ids=str)
@pytest.mark.parametrize("name", MADE)
def test_a_list_that_is_not_told_empties_no_set_and_is_to_be_fetched(name, told, rows):
    tell(MADE[name])
    members = rows(TABLES[name][1])
    tell(MADE[name] | {name: told}, T0 + 1)

    (parent,) = rows(TABLES[name][0])
    assert (parent["last_event_id"], parent["refetch_at"]) == (f"evt_{T0 + 1}", LATER)
    assert rows(TABLES[name][1]) == members != []


@pytest.mark.parametrize("name", MADE)
def test_a_list_that_does_not_say_whether_there_is_more_replaces_no_whole_one(name, rows):
    tell(MADE[name])
    members = rows(TABLES[name][1])
    tell(MADE[name] | {name: {"data": [{"id": "other"}], "has_more": None}}, T0 + 1)

    assert rows(TABLES[name][0])[0]["refetch_at"] == LATER
    assert rows(TABLES[name][1]) == members


@pytest.mark.parametrize("total", ["total_count", "count"])
@pytest.mark.parametrize("name", MADE)
def test_a_list_that_counts_more_than_it_holds_replaces_no_whole_one(name, total, rows):
    tell(MADE[name])
    members = rows(TABLES[name][1])
    tell(MADE[name] | {name: {"data": [{"id": "other"}], total: 2}}, T0 + 1)
    assert rows(TABLES[name][0])[0]["refetch_at"] == LATER
    assert rows(TABLES[name][1]) == members

    tell(MADE[name] | {name: {"data": [], total: 0}}, T0 + 2)
    assert rows(TABLES[name][0])[0]["refetch_at"] is None
    assert rows(TABLES[name][1]) == []


@pytest.mark.parametrize("name", MADE)
def test_a_list_without_members_empties_the_set(name, rows):
    tell(MADE[name])
    tell(MADE[name] | {name: {"data": []}}, T0 + 1)

    assert rows(TABLES[name][0])[0]["refetch_at"] is None
    assert rows(TABLES[name][1]) == []


def test_the_period_is_the_subscriptions_own_where_no_items_are_told(rows):
    tell(stories.old_subscription(items=None))

    assert rows("stripe_subscriptions")[0]["current_period_end"].timestamp() == T0 + 86400


INVOICE: stories.Object = {"object": "invoice", "id": "in_1"}


@pytest.mark.parametrize("told", [{}, *({"lines": told} for told in NOT_TOLD)], ids=str)
def test_an_invoice_whose_lines_are_not_told_is_to_be_fetched(told, rows):
    tell(INVOICE | told, T0 + 1)

    (row,) = rows("stripe_invoices")
    assert (row["lines"], row["refetch_at"]) == (None, LATER)


def test_an_invoice_without_lines_is_whole(rows):
    tell(INVOICE | {"lines": {"data": [], "has_more": False}})

    (row,) = rows("stripe_invoices")
    assert (row["lines"], row["refetch_at"]) == ([], None)


def paid(intent, **fields):
    return {"payment": {"payment_intent": intent, "charge": f"ch_{intent}"}} | fields


@pytest.mark.parametrize(
    ("payments", "intent"),
    [
        ([paid("pi_1", is_default=False), paid("pi_2", is_default=True)], "pi_2"),
        ([paid("pi_1"), paid("pi_2")], "pi_1"),
        ([paid({"id": "pi_1", "object": "payment_intent"})], "pi_1"),
        ([{"payment": None, "is_default": True}], "pi_old"),
        ([{}], "pi_old"),
        ([], "pi_old"),
        (None, "pi_old"),
    ],
)
def test_an_invoices_payment_is_its_default_one_or_else_the_first(payments, intent, rows):
    tell(INVOICE | {"payments": {"data": payments}, "payment_intent": "pi_old"})

    assert rows("stripe_invoices")[0]["payment_intent"] == intent


@pytest.mark.parametrize(
    ("told", "charge"),
    [
        ({"charges": {"data": [{"id": "ch_2"}, {"id": "ch_1"}]}}, "ch_2"),
        ({"latest_charge": "ch_3", "charges": {"data": [{"id": "ch_2"}]}}, "ch_3"),
        ({"charges": {"data": []}}, None),
        ({"charges": {"data": None}}, None),
        ({"charges": None}, None),
        ({}, None),
    ],
    ids=str,
)
def test_a_payments_latest_charge_was_once_the_first_of_its_charges(told, charge, rows):
    tell({"object": "payment_intent", "id": "pi_1"} | told)

    (row,) = rows("stripe_payment_intents")
    assert (row["latest_charge"], row["refetch_at"]) == (charge, None)


INTENT: stories.Object = {"object": "payment_intent", "id": "pi_1"}


@pytest.mark.parametrize(
    ("object", "field"),
    [
        (stories.subscription() | {"items": []}, "Subscription.items"),
        (stories.subscription() | {"items": {"data": {}}}, "Subscription.items.data"),
        (stories.subscription() | {"items": {"has_more": []}}, "Subscription.items.has_more"),
        (stories.subscription() | {"items": {"count": []}}, "Subscription.items.count"),
        (INVOICE | {"lines": "none"}, "Invoice.lines"),
        (INVOICE | {"payments": []}, "Invoice.payments"),
        (INVOICE | {"payments": "pi_1"}, "Invoice.payments"),
        (INVOICE | {"payments": {"data": {}}}, "Invoice.payments.data"),
        (INVOICE | {"payments": {"data": ["pi_1"]}}, "Invoice.payments.data.0"),
        (INVOICE | {"payments": {"data": [{"payment": 1}]}}, "Invoice.payments.data.0.payment"),
        (
            INVOICE | {"payments": {"data": [{}, paid(7)]}},
            "Invoice.payments.data.1.payment.payment_intent",
        ),
        (INTENT | {"charges": "ch_1"}, "PaymentIntent.charges"),
        (INTENT | {"charges": [{"id": "ch_1"}]}, "PaymentIntent.charges"),
        (INTENT | {"charges": {"data": {"id": "ch_1"}}}, "PaymentIntent.charges.data"),
        (INTENT | {"charges": {"data": [7]}}, "PaymentIntent.charges.data.0"),
    ],
    ids=str,
)
def test_a_list_of_the_wrong_type_is_dead_and_the_reason_names_it(object, field, ledger):
    put(stripe("evt_1", "thing.updated", object))

    assert drained() == {"dead": 1, "left": 0}
    assert ledger()["evt_1"]["error"].startswith(f"Unreadable: {field}: ")
