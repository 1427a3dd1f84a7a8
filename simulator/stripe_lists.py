"""How Stripe lists: newest first, by cursors in both directions, with the filters it knows."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import stripe
import stripe.params.checkout
import stripe.params.entitlements

from simulator.store import EVENT, Place, Store
from simulator.stripe_filters import RefusedError, between, fitting
from simulator.text import JSON

MONTH = 30 * 24 * 3600
"""So long Stripe's log goes back (https://docs.stripe.com/api/events)."""
MOST = 100
_PER_CALL = {  # what the SDK's parameters hold beside what is sent
    "api_key", "content_type", "headers", "idempotency_key", "max_network_retries",
    "stripe_account", "stripe_context", "stripe_version",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Resource:
    """What lies under a path: the object type, and the name of its parameters in the SDK."""

    type: str
    named: str

    @property
    def filters(self) -> set[str]:
        """Return what a list of it takes (SDK stripe/params)."""
        return parameters(self.named, "List")

    @property
    def fields(self) -> set[str]:
        """Return what an object of it has (SDK stripe/_<name>.py)."""
        return set(getattr(stripe, self.named).__annotations__)


RESOURCES = {
    "customers": Resource("customer", "Customer"),
    "products": Resource("product", "Product"),
    "prices": Resource("price", "Price"),
    "subscriptions": Resource("subscription", "Subscription"),
    "subscription_items": Resource("subscription_item", "SubscriptionItem"),
    "invoices": Resource("invoice", "Invoice"),
    "invoice_payments": Resource("invoice_payment", "InvoicePayment"),
    "payment_methods": Resource("payment_method", "PaymentMethod"),
    "payment_intents": Resource("payment_intent", "PaymentIntent"),
    "charges": Resource("charge", "Charge"),
    "refunds": Resource("refund", "Refund"),
    "disputes": Resource("dispute", "Dispute"),
    "checkout/sessions": Resource("checkout.session", "checkout.Session"),
    "events": Resource(EVENT, "Event"),
    "webhook_endpoints": Resource("webhook_endpoint", "WebhookEndpoint"),
    "entitlements/active_entitlements": Resource(
        "entitlements.active_entitlement", "entitlements.ActiveEntitlement"
    ),
}


def parameters(named: str, doing: str) -> set[str]:
    """Return the parameters that the SDK knows for it, `doing` being List, Create or Modify."""
    of: Any = stripe.params
    *packages, name = named.split(".")
    for package in packages:
        of = getattr(of, package)
    found = getattr(of, f"{name}{doing}Params")
    return set(found.__annotations__) - _PER_CALL


def number(query: Mapping[str, Any], name: str, default: int) -> int:
    """Return a whole number of the query. Raises RefusedError."""
    try:
        return int(query.get(name, default))
    except (TypeError, ValueError):
        message = f"Invalid integer: {query[name]}"
        raise RefusedError(400, "parameter_invalid_integer", message, name) from None


def page(store: Store, resource: Resource, query: JSON) -> tuple[list[JSON], bool]:
    """Return a page of a list, and whether there is more. Raises RefusedError."""
    limit = _checked(resource, query)
    found = islice(_fitting(store, resource.type, query), limit + 1)
    objects = [_object(store, resource.type, place) for place in found]
    more = len(objects) > limit
    objects = objects[:limit]
    return (objects[::-1] if query.get("ending_before") else objects), more


def _checked(resource: Resource, query: JSON) -> int:
    for unknown in sorted(query.keys() - resource.filters):
        message = f"Received unknown parameter: {unknown}"
        raise RefusedError(400, "parameter_unknown", message, unknown)
    limit = number(query, "limit", 10)
    if not 1 <= limit <= MOST:
        message = "This value must be between 1 and 100."
        raise RefusedError(400, "parameter_invalid_integer", message, "limit")
    return limit


def _object(store: Store, type: str, place: Place) -> JSON:
    found = store.get(type, place.id)
    assert found is not None  # noqa: S101  it stands there
    return found


def _fitting(store: Store, type: str, query: JSON) -> Iterable[Place]:
    """Yield the places of what fits, from the cursor on in its direction."""
    fits = fitting(type, query)
    since, until = between(query.get("created"))
    standing = _from_cursor(store, type, query)
    in_time = (place for place in standing if since <= place.created <= until)
    return (place for place in in_time if fits(_object(store, type, place)))


def _from_cursor(store: Store, type: str, query: JSON) -> Iterable[Place]:
    order, oldest = store.oldest_first(type), 0
    if type == EVENT:
        oldest = bisect_left(order, Place(store.now() - MONTH, 0, ""))
    if before := query.get("ending_before"):
        return order[
            max(bisect_right(order, _cursor(store, type, before, "ending_before")), oldest) :
        ]
    end = len(order)
    if after := query.get("starting_after"):
        end = bisect_left(order, _cursor(store, type, after, "starting_after"))
    return (order[number] for number in range(end - 1, oldest - 1, -1))


def _cursor(store: Store, type: str, id: str, param: str) -> Place:
    place = store.place(type, id)
    if place is None or (type == EVENT and place.created < store.now() - MONTH):
        raise RefusedError(400, "resource_missing", f"No such {type}: '{id}'", param)
    return place
