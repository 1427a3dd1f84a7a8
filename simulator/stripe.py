"""What Stripe would send: objects of its current shape, wrapped in events."""

import secrets
from collections.abc import Callable
from typing import Any

from simulator import signing, stripe_billing, stripe_payments
from simulator.text import JSON

sign = signing.stripe

API_VERSION = "2026-10-28.endive"
MONTH = 30 * 24 * 3600


def new_id(prefix: str) -> str:
    """Return an id as Stripe makes them: `new_id("cus")` -> `cus_7f3a...`."""
    return f"{prefix}_{secrets.token_hex(12)}"


def event(event_type: str, obj: JSON, created: int, event_id: str | None = None) -> JSON:
    """Return an event that carries the object. `created`: Unix seconds."""
    return {
        "id": event_id or new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": created,
        "data": {"object": obj},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": new_id("req"), "idempotency_key": secrets.token_hex(16)},
        "type": event_type,
    }


def customer(created: int, **changes: Any) -> JSON:
    """Return a customer."""
    return {
        "id": "cus_ExampleCustomer",
        "object": "customer",
        "balance": 0,
        "created": created,
        "currency": None,
        "delinquent": False,
        "description": None,
        "email": "ada@example.com",
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": "Ada Example",
        "phone": None,
        "preferred_locales": ["en"],
        "tax_exempt": "none",
        "test_clock": None,
    } | changes


def product(created: int, **changes: Any) -> JSON:
    """Return a product."""
    return {
        "id": "prod_ExampleProduct",
        "object": "product",
        "active": True,
        "created": created,
        "default_price": None,
        "description": "Everything, for a small team",
        "livemode": False,
        "metadata": {},
        "name": "Team",
        "unit_label": "seat",
        "updated": created,
    } | changes


def price(created: int, **changes: Any) -> JSON:
    """Return a monthly price."""
    return {
        "id": "price_ExamplePrice",
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": created,
        "currency": "eur",
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": "Monthly",
        "product": "prod_ExampleProduct",
        "recurring": {
            "interval": "month",
            "interval_count": 1,
            "meter": None,
            "trial_period_days": None,
            "usage_type": "licensed",
        },
        "tax_behavior": "exclusive",
        "type": "recurring",
        "unit_amount": 1200,
        "unit_amount_decimal": "1200",
    } | changes


def item(created: int, quantity: int = 1, **changes: Any) -> JSON:
    """Return an item of a subscription."""
    return {
        "id": "si_ExampleItem",
        "object": "subscription_item",
        "created": created,
        "current_period_end": created + MONTH,
        "current_period_start": created,
        "discounts": [],
        "metadata": {},
        "price": price(created),
        "quantity": quantity,
        "subscription": "sub_ExampleSubscription",
    } | changes


def subscription(created: int, items: list[JSON] | None = None, **changes: Any) -> JSON:
    """Return an active subscription."""
    listed = [item(created)] if items is None else items
    return {
        "id": "sub_ExampleSubscription",
        "object": "subscription",
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": created,
        "billing_mode": {"type": "flexible", "updated_at": created},
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": created,
        "currency": "eur",
        "customer": "cus_ExampleCustomer",
        "days_until_due": None,
        "default_payment_method": None,
        "discounts": [],
        "ended_at": None,
        "items": {"object": "list", "data": listed, "has_more": False, "total_count": len(listed)},
        "latest_invoice": "in_ExampleInvoice",
        "livemode": False,
        "metadata": {},
        "pause_collection": None,
        "schedule": None,
        "start_date": created,
        "status": "active",
        "test_clock": None,
        "trial_end": None,
        "trial_start": None,
    } | changes


OBJECTS: dict[str, Callable[..., JSON]] = {
    "customer.created": customer,
    "customer.updated": customer,
    "customer.deleted": customer,
    "product.created": product,
    "product.updated": product,
    "product.deleted": product,
    "price.created": price,
    "price.updated": price,
    "price.deleted": price,
    "customer.subscription.created": subscription,
    "customer.subscription.updated": subscription,
    "customer.subscription.deleted": subscription,
    "customer.subscription.paused": subscription,
    "customer.subscription.resumed": subscription,
    "customer.subscription.trial_will_end": subscription,
    **stripe_billing.OBJECTS,
    **stripe_payments.OBJECTS,
}


def example(event_type: str, now: int) -> JSON:
    """Return a realistic event. Raises KeyError for a type that has no example."""
    return event(event_type, OBJECTS[event_type](now), now)
