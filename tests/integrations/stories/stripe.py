"""What Stripe says of a few objects, and what must stand of them. From its reference and changelog.

Since 2025-03-31.basil the period of a subscription is in its items, and an invoice names its
subscription in `parent`; before 2018 items had plans, and a charge its `source`.
"""

from tallyman.testing.conformance import Said, Story
from tallyman.testing.conformance.subject import CREATED

OLD, NEW = "2018-02-28", "2026-10-28.endive"
MONTH = 30 * 86400


def _customer(**fields):
    return {"object": "customer", "id": "cus_Example", "name": "Ada", "created": CREATED} | fields


CUSTOMER = Story(
    said=[
        Said("customer.created", _customer(account_balance=0), 0, OLD),
        Said("customer.updated", _customer(name="Bea", account_balance=-500), 1, OLD),
        Said("customer.updated", _customer(name="Cleo", balance=-700, email="c@x.org"), 2, NEW),
        Said("customer.deleted", _customer(name="Cleo", balance=-700, email="c@x.org"), 3, NEW),
    ],
    ends={
        "stripe_customers": {
            "cus_Example": {
                "name": "Cleo",
                "balance": -700,
                "email": "c@x.org",
                "created": CREATED,
                "clock": (CREATED + 2) * 1000,
                "deleted_at": CREATED + 3,
                "refetch_at": None,
            }
        }
    },
)


def _product(at, **fields):
    named = {"object": "product", "id": "prod_Example", "name": "Team", "updated": CREATED + at}
    return named | fields


def _price(**fields):
    return {
        "object": "price",
        "id": "price_Example",
        "product": "prod_Example",
        "currency": "eur",
        "unit_amount": 1250,
        "unit_amount_decimal": "1250.5",
        "recurring": {"interval": "month", "interval_count": 3, "usage_type": "licensed"},
    } | fields


CATALOGUE = Story(
    said=[
        Said("product.created", _product(0), 0),
        Said("price.created", _price(active=True), 1),
        Said("product.updated", _product(2, default_price="price_Example"), 2),
        Said("price.updated", _price(active=False, nickname="Gone"), 3),
        Said("price.deleted", _price(active=False, nickname="Gone"), 4),
    ],
    ends={
        "stripe_products": {
            "prod_Example": {"name": "Team", "default_price": "price_Example", "deleted_at": None}
        },
        "stripe_prices": {
            "price_Example": {
                "product": "prod_Example",
                "active": False,
                "unit_amount": 1250,
                "unit_amount_decimal": 1250.5,
                "recurring_interval": "month",
                "recurring_interval_count": 3,
                "nickname": "Gone",
                "deleted_at": CREATED + 4,
            }
        },
    },
)


def _item(letter, quantity, **fields):
    price = {"object": "price", "id": f"price_Example{letter}", "product": "prod_Example"}
    item = {"object": "subscription_item", "id": f"si_Example{letter}", "price": price}
    return item | {"quantity": quantity} | fields


def _subscription(*items, status="active", **fields):
    return {
        "object": "subscription",
        "id": "sub_Example",
        "customer": "cus_Example",
        "status": status,
        "start_date": CREATED,
        "items": {"object": "list", "data": items, "has_more": False},
    } | fields


_PERIOD = {"current_period_start": CREATED, "current_period_end": CREATED + MONTH}
_PLAN = {"object": "plan", "id": "price_ExampleA", "product": "prod_Example", "currency": "eur"}
_OLD_ITEM = {"object": "subscription_item", "id": "si_ExampleA", "plan": _PLAN, "quantity": 1}
SUBSCRIPTION = Story(
    said=[
        Said(
            "customer.subscription.created",
            _subscription(_OLD_ITEM, plan=_PLAN, billing="charge_automatically", **_PERIOD),
            0,
            OLD,
        ),
        Said(
            "customer.subscription.updated",
            _subscription(_item("A", 1, **_PERIOD), _item("B", 2, **_PERIOD)),
            1,
            NEW,
        ),
        Said(
            "customer.subscription.updated",
            _subscription(_item("B", 5, **_PERIOD), cancel_at_period_end=True),
            2,
            NEW,
        ),
        Said(
            "customer.subscription.deleted",
            _subscription(_item("B", 5, **_PERIOD), status="canceled", ended_at=CREATED + 3),
            3,
            NEW,
        ),
    ],
    ends={
        "stripe_subscriptions": {
            "sub_Example": {
                "customer": "cus_Example",
                "status": "canceled",
                "start_date": CREATED,
                "current_period_start": CREATED,
                "current_period_end": CREATED + MONTH,
                "ended_at": CREATED + 3,
                "deleted_at": None,
            }
        },
        "stripe_subscription_items": {
            "si_ExampleB": {
                "subscription": "sub_Example",
                "price": "price_ExampleB",
                "product": "prod_Example",
                "quantity": 5,
                "current_period_end": CREATED + MONTH,
            }
        },
        "stripe_customers": {"cus_Example": {"data": None, "clock": 0}},
        "stripe_prices": {"price_ExampleA": {"data": None}, "price_ExampleB": {"data": None}},
        "stripe_products": {"prod_Example": {"data": None}},
    },
)

STORIES = {
    "a customer is renamed and deleted": CUSTOMER,
    "a price is made for a product, and given up": CATALOGUE,
    "a subscription grows, and is canceled": SUBSCRIPTION,
}
