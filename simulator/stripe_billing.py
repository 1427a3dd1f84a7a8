"""What Stripe would send of invoices, and of what a customer may use."""

from collections.abc import Callable
from typing import Any

from simulator.text import JSON

CUSTOMER = "cus_ExampleCustomer"
ENTITLED = "cus_ExampleEntitled"

LINE = {"id": "il_ExampleLine", "object": "line_item", "amount": 1200, "currency": "eur"}
AMOUNTS = {
    "amount_due": 1200,
    "amount_overpaid": 0,
    "amount_paid": 1200,
    "amount_remaining": 0,
    "ending_balance": 0,
    "starting_balance": 0,
    "subtotal": 1200,
    "total": 1200,
    "total_excluding_tax": 1200,
    "total_taxes": [],
}
PARENT = {
    "type": "subscription_details",
    "quote_details": None,
    "subscription_details": {"subscription": "sub_ExampleSubscription", "metadata": {}},
}


def invoice(created: int, **changes: Any) -> JSON:
    """Return a paid invoice."""
    return {
        "id": "in_ExampleInvoice",
        "object": "invoice",
        **AMOUNTS,
        "attempt_count": 1,
        "attempted": True,
        "auto_advance": False,
        "billing_reason": "subscription_cycle",
        "collection_method": "charge_automatically",
        "created": created,
        "currency": "eur",
        "customer": CUSTOMER,
        "discounts": [],
        "due_date": None,
        "effective_at": created,
        "hosted_invoice_url": "https://invoice.example.com/i/acct_Example/in_ExampleInvoice",
        "invoice_pdf": "https://pay.example.com/invoice/in_ExampleInvoice/pdf",
        "last_finalization_error": None,
        "lines": {"object": "list", "data": [LINE], "has_more": False, "total_count": 1},
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": "EXAMPLE-0001",
        "parent": PARENT,
        "period_end": created,
        "period_start": created,
        "status": "paid",
        "status_transitions": {
            "finalized_at": created,
            "marked_uncollectible_at": None,
            "paid_at": created,
            "voided_at": None,
        },
    } | changes


def invoice_payment(created: int, **changes: Any) -> JSON:
    """Return what was paid of an invoice."""
    return {
        "id": "inpay_ExampleInvoicePayment",
        "object": "invoice_payment",
        "amount_paid": 1200,
        "amount_requested": 1200,
        "created": created,
        "currency": "eur",
        "invoice": "in_ExampleInvoice",
        "is_default": True,
        "livemode": False,
        "payment": {"type": "payment_intent", "payment_intent": "pi_ExamplePaymentIntent"},
        "status": "paid",
        "status_transitions": {"canceled_at": None, "paid_at": created},
    } | changes


def entitlement(name: str) -> JSON:
    """Return a feature that a customer may use."""
    return {
        "id": f"ent_Example{name}",
        "object": "entitlements.active_entitlement",
        "feature": f"feat_Example{name}",
        "livemode": False,
        "lookup_key": name.lower(),
    }


def entitlements(*names: str) -> JSON:
    """Return a list of features."""
    return {"object": "list", "data": [entitlement(name) for name in names], "has_more": False}


def entitlement_summary(_created: int, **changes: Any) -> JSON:
    """Return what a customer may use. It has no id and no time of its own."""
    return {
        "object": "entitlements.active_entitlement_summary",
        "customer": ENTITLED,
        "entitlements": entitlements("Reports", "Seats"),
        "livemode": False,
    } | changes


OBJECTS: dict[str, Callable[..., JSON]] = {
    "entitlements.active_entitlement_summary.updated": entitlement_summary,
    "invoice.created": invoice,
    "invoice.updated": invoice,
    "invoice.finalized": invoice,
    "invoice.paid": invoice,
    "invoice.payment_failed": invoice,
    "invoice.voided": invoice,
    "invoice.deleted": invoice,
    "invoice_payment.paid": invoice_payment,
}
