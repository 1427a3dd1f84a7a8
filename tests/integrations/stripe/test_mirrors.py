"""Stripe's objects of all API versions, and the rows they become."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from db.models.stripe import Customer, Price, Product, Subscription, SubscriptionItem
from integrations.errors import Unreadable
from integrations.interface import Members, Row
from tests.integrations.examples import OBJECTS, project

SUBSCRIPTION = OBJECTS["stripe"]["subscription"]
START, END = 1_700_000_000, 1_702_592_000


def at(seconds):
    return datetime.fromtimestamp(seconds, UTC)


def period(start, end):
    return {"current_period_start": start, "current_period_end": end}


def items(*items):
    return {"items": {"object": "list", "data": list(items)}}


def subscription(**changes):
    row, members, *placeholders = project("stripe", SUBSCRIPTION | changes)
    assert isinstance(members, Members)
    return row, members, placeholders


def period_of(row):
    return row.values["current_period_start"], row.values["current_period_end"]


def test_a_subscription_becomes_its_row_its_items_and_what_they_name():
    row, members, placeholders = subscription()
    assert (row.model, row.id) == (Subscription, "sub_1")
    assert (members.model, members.column, members.parent) == (
        SubscriptionItem,
        "subscription",
        "sub_1",
    )
    assert [(i.id, i.values["price"], i.values["product"]) for i in members.rows] == [
        ("si_1", "price_1", "prod_1")
    ]
    assert placeholders == [
        Row(Customer, "cus_1"),
        Row(Price, "price_1"),
        Row(Product, "prod_1"),
    ]


def test_the_period_is_the_subscriptions_own_when_the_items_have_none():
    row, members, _ = subscription(**period(START, END))
    assert period_of(row) == (at(START), at(END))
    assert period_of(members.rows[0]) == (None, None)


def test_the_period_spans_those_of_the_items_when_they_have_them():
    two = [{"id": "si_1", **period(START, END)}, {"id": "si_2", **period(START - 9, END + 9)}]
    row, members, _ = subscription(**items(*two))
    assert period_of(row) == (at(START - 9), at(END + 9))
    assert [period_of(item) for item in members.rows] == [
        (at(START), at(END)),
        (at(START - 9), at(END + 9)),
    ]


def test_the_items_periods_win_when_both_shapes_are_there():
    row, _, _ = subscription(**period(1, 2), **items({"id": "si_1", **period(START, END)}))
    assert period_of(row) == (at(START), at(END))


def test_a_plan_stands_for_the_price_when_there_is_none():
    old = {"id": "si_1", "plan": {"id": "basic", "object": "plan", "product": "prod_9"}}
    _, members, placeholders = subscription(**items(old))
    assert members.rows[0].values["price"] == "basic"
    assert members.rows[0].values["product"] == "prod_9"
    assert Row(Price, "basic") in placeholders
    assert Row(Product, "prod_9") in placeholders


def test_the_price_wins_when_there_is_a_plan_too():
    both = {"id": "si_1", "plan": {"id": "old"}, "price": {"id": "new"}}
    _, members, _ = subscription(**items(both))
    assert members.rows[0].values["price"] == "new"


@pytest.mark.parametrize(
    ("old", "column", "value"),
    [
        ({"billing": "send_invoice"}, "collection_method", "send_invoice"),
        ({"start": START}, "start_date", at(START)),
        ({"plan": {"id": "basic", "currency": "eur"}}, "currency", "eur"),
    ],
)
def test_a_field_is_found_under_its_older_name(old, column, value):
    row, _, _ = subscription(**old)
    assert row.values[column] == value


def test_an_expanded_object_is_kept_as_its_id():
    row, _, placeholders = subscription(customer={"id": "cus_2", "object": "customer"})
    assert row.values["customer"] == "cus_2"
    assert Row(Customer, "cus_2") in placeholders


def test_a_row_keeps_the_whole_object_as_it_came():
    row, _, _ = subscription(unforeseen={"a": [1]})
    assert row.of.raw == SUBSCRIPTION | {"unforeseen": {"a": [1]}}


def test_a_customers_older_balance_is_found():
    (row,) = project("stripe", {"id": "cus_1", "object": "customer", "account_balance": -500})
    assert row.values["balance"] == -500


def test_a_price_keeps_fractions_of_a_cent():
    row, placeholder = project("stripe", OBJECTS["stripe"]["price"])
    assert row.values["unit_amount_decimal"] == Decimal("990.5")
    assert row.values["recurring_interval"] == "month"
    assert placeholder == Row(Product, "prod_1")


def test_a_product_has_no_placeholder_when_it_has_no_price():
    row, *placeholders = project("stripe", {"id": "prod_1", "object": "product"})
    assert (row.id, placeholders) == ("prod_1", [])


@pytest.mark.parametrize(
    ("obj", "field"),
    [
        ({"object": "customer"}, "Customer.id"),
        ({"object": "customer", "id": None}, "Customer.id"),
        ({"object": "customer", "id": "c", "balance": 2**63}, "Customer.balance"),
        ({"object": "customer", "id": "c", "metadata": []}, "Customer.metadata"),
        ({"object": "price", "id": "p", "unit_amount_decimal": "NaN"}, "Price.unit_amount_decimal"),
        ({"object": "price", "id": "p", "recurring": 5}, "Price.recurring"),
        ({"object": "product", "id": "p", "created": "now"}, "Product.created"),
        ({"object": "product", "id": "p", "default_price": {}}, "Product.default_price"),
        ({"object": "subscription", "id": "s", "items": []}, "Subscription.items"),
        (SUBSCRIPTION | items({"quantity": 1}), "Subscription.items.data.0.id"),
        ({"object": "price", "id": "p", "recurring": {"interval": 5}}, "Price.recurring.interval"),
        ({"object": "invoice", "id": "i", "lines": []}, "Invoice.lines"),
        ({"object": "invoice", "id": "i", "discounts": 5}, "Invoice.discounts"),
        ({"object": "invoice", "id": "i", "date": "now"}, "Invoice.date"),
        ({"object": "invoice", "id": "i", "parent": "sub_1"}, "Invoice.parent"),
        (
            {"object": "invoice", "id": "i", "status_transitions": {"paid_at": "now"}},
            "Invoice.status_transitions.paid_at",
        ),
        ({"object": "charge", "id": "c", "outcome": "fine"}, "Charge.outcome"),
        ({"object": "charge", "id": "c", "disputed": 7}, "Charge.disputed"),
        (
            {"object": "payment_intent", "id": "p", "last_payment_error": {"code": 1}},
            "PaymentIntent.last_payment_error.code",
        ),
        (
            {"object": "checkout.session", "id": "c", "client_reference_id": "u" * 300},
            "CheckoutSession.client_reference_id",
        ),
    ],
)
def test_an_object_with_a_wrong_field_is_unreadable_and_says_which(obj, field):
    with pytest.raises(Unreadable) as unreadable:
        project("stripe", obj)
    assert str(unreadable.value).startswith(f"{field}: ")
