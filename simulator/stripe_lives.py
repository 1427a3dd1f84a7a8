"""The lives of Stripe's objects."""

from collections.abc import Iterator, Mapping
from functools import partial

from simulator import stripe, stripe_payment_lives
from simulator.life import Change, Life, MemberSet, Named, Source, to
from simulator.stripe_payment_lives import OLD, renamed
from simulator.text import JSON


def _deleted(obj: JSON) -> JSON:
    """Return what a GET of a deleted object says, which some events carry too."""
    return {"id": obj["id"], "object": obj["object"], "deleted": True}


def _old_customer(customer: JSON) -> JSON:
    return renamed(customer, account_balance="balance")


def _old_item(item: JSON) -> JSON:
    periods = {"current_period_start", "current_period_end"}
    kept = {name: value for name, value in item.items() if name not in periods}
    return renamed(kept, plan="price")


def _old_subscription(sub: JSON) -> JSON:
    items = sub["items"] | {"data": [_old_item(item) for item in sub["items"]["data"]]}
    start = sub["start_date"]
    period = {"current_period_start": start, "current_period_end": start + stripe.MONTH}
    told = renamed(sub, billing="collection_method", start="start_date")
    return told | period | {"items": items}


def _second(quantity: int) -> JSON:
    """Return an item of another price, at an id of its own."""
    price = stripe.price(0, id="price_ExampleSecond")
    return stripe.item(0, quantity, id="si_ExampleSecond", price=price)


def _with(*items: JSON) -> Change:
    listed = {"object": "list", "data": items, "has_more": False, "total_count": len(items)}
    return to(items=listed)


def _items(sub: JSON) -> list[JSON]:
    return list(sub["items"]["data"])


def _in_subscription(sub: JSON) -> Iterator[Named]:
    yield "customer", sub["customer"]
    for item in _items(sub):
        yield "price", item["price"]["id"]
        yield "product", item["price"]["product"]


LIVES = {
    **stripe_payment_lives.LIVES,
    "customer": Life(
        made=stripe.customer,
        created="customer.created",
        updated="customer.updated",
        deleted="customer.deleted",
        changes=[to(name="Bea"), to(balance=-500), to(metadata={"plan": "pro"}, name="Cleo")],
        shapes={OLD: _old_customer},
    ),
    "product": Life(
        made=partial(stripe.product, default_price="price_ExamplePrice"),
        created="product.created",
        updated="product.updated",
        deleted="product.deleted",
        changes=[to(name="Pro"), to(active=False), to(default_price="price_ExampleSecond")],
        stamped=lambda product, at: product | {"updated": at},
        names=lambda product: [("price", product["default_price"])],
    ),
    "price": Life(
        made=stripe.price,
        created="price.created",
        updated="price.updated",
        deleted="price.deleted",
        remains=_deleted,
        changes=[to(active=False), to(nickname="Late"), to(metadata={"tier": "2"})],
        names=lambda price: [("product", price["product"])],
    ),
    "subscription": Life(
        made=stripe.subscription,
        created="customer.subscription.created",
        updated="customer.subscription.updated",
        changes=[
            _with(stripe.item(0, 5), _second(1)),
            _with(_second(3)),
            to("customer.subscription.deleted", status="canceled"),
            _with(),
            to(status="past_due"),
        ],
        shapes={OLD: _old_subscription},
        names=_in_subscription,
        sets=[MemberSet("stripe_subscription_items", "subscription", _items)],
    ),
}


def wrap(
    event_type: str, obj: JSON, at: int, event_id: str, version: str
) -> tuple[JSON, Mapping[str, str]]:
    """Return the event; Stripe's id is in the body."""
    told = stripe.event(event_type, stripe_payment_lives.as_sent(obj), at, event_id)
    return told | ({"api_version": version} if version else {}), {}


SOURCE = Source(LIVES, wrap, versions=[OLD])
