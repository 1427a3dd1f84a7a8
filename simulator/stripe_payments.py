"""What Stripe would send of payments: how money comes, and goes back."""

from collections.abc import Callable
from typing import Any

from simulator.stripe_billing import CUSTOMER
from simulator.text import JSON


def payment_method(created: int, **changes: Any) -> JSON:
    """Return a card."""
    return {
        "id": "pm_ExamplePaymentMethod",
        "object": "payment_method",
        "billing_details": {"email": "ada@example.com", "name": "Ada Example", "phone": None},
        "card": {
            "brand": "visa",
            "country": "IE",
            "exp_month": 8,
            "exp_year": 2031,
            "funding": "credit",
            "last4": "4242",
        },
        "created": created,
        "customer": CUSTOMER,
        "livemode": False,
        "metadata": {},
        "type": "card",
    } | changes


def payment_intent(created: int, **changes: Any) -> JSON:
    """Return a payment that succeeded."""
    return {
        "id": "pi_ExamplePaymentIntent",
        "object": "payment_intent",
        "amount": 1200,
        "amount_capturable": 0,
        "amount_received": 1200,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic",
        "client_secret": "pi_ExamplePaymentIntent_secret_Example",
        "created": created,
        "currency": "eur",
        "customer": CUSTOMER,
        "description": "Subscription update",
        "last_payment_error": None,
        "latest_charge": "ch_ExampleCharge",
        "livemode": False,
        "metadata": {},
        "payment_method": "pm_ExamplePaymentMethod",
        "setup_future_usage": "off_session",
        "status": "succeeded",
    } | changes


def charge(created: int, **changes: Any) -> JSON:
    """Return a charge that succeeded."""
    return {
        "id": "ch_ExampleCharge",
        "object": "charge",
        "amount": 1200,
        "amount_captured": 1200,
        "amount_refunded": 0,
        "balance_transaction": "txn_ExampleTransaction",
        "billing_details": {"email": "ada@example.com", "name": "Ada Example", "phone": None},
        "captured": True,
        "created": created,
        "currency": "eur",
        "customer": CUSTOMER,
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": {},
        "outcome": {"type": "authorized", "risk_level": "normal", "reason": None},
        "paid": True,
        "payment_intent": "pi_ExamplePaymentIntent",
        "payment_method": "pm_ExamplePaymentMethod",
        "payment_method_details": {
            "type": "card",
            "card": {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2031},
        },
        "receipt_url": "https://pay.example.com/receipts/ch_ExampleCharge",
        "refunded": False,
        "status": "succeeded",
    } | changes


def refund(created: int, **changes: Any) -> JSON:
    """Return a refund of a part."""
    return {
        "id": "re_ExampleRefund",
        "object": "refund",
        "amount": 300,
        "balance_transaction": "txn_ExampleRefunded",
        "charge": "ch_ExampleCharge",
        "created": created,
        "currency": "eur",
        "metadata": {},
        "payment_intent": "pi_ExamplePaymentIntent",
        "reason": "requested_by_customer",
        "status": "succeeded",
    } | changes


def dispute(created: int, **changes: Any) -> JSON:
    """Return a dispute that waits for an answer."""
    return {
        "id": "du_ExampleDispute",
        "object": "dispute",
        "amount": 1200,
        "balance_transactions": [],
        "charge": "ch_ExampleCharge",
        "created": created,
        "currency": "eur",
        "evidence_details": {"due_by": created + 7 * 24 * 3600, "has_evidence": False},
        "is_charge_refundable": True,
        "livemode": False,
        "metadata": {},
        "network_reason_code": "10.4",
        "payment_intent": "pi_ExamplePaymentIntent",
        "reason": "fraudulent",
        "status": "needs_response",
    } | changes


def checkout_session(created: int, **changes: Any) -> JSON:
    """Return a checkout that is complete and paid."""
    return {
        "id": "cs_test_ExampleSession",
        "object": "checkout.session",
        "amount_subtotal": 1200,
        "amount_total": 1200,
        "client_reference_id": "user_ExampleUser",
        "client_secret": None,
        "collected_information": {"shipping_details": None},
        "created": created,
        "currency": "eur",
        "customer": CUSTOMER,
        "customer_details": {"email": "ada@example.com", "name": "Ada Example"},
        "expires_at": created + 24 * 3600,
        "invoice": "in_ExampleInvoice",
        "livemode": False,
        "metadata": {},
        "mode": "subscription",
        "payment_intent": None,
        "payment_link": None,
        "payment_status": "paid",
        "recovered_from": None,
        "setup_intent": None,
        "status": "complete",
        "subscription": "sub_ExampleSubscription",
        "ui_mode": "hosted_page",
        "url": None,
    } | changes


OBJECTS: dict[str, Callable[..., JSON]] = {
    "payment_method.attached": payment_method,
    "payment_method.updated": payment_method,
    "payment_method.detached": payment_method,
    "payment_intent.created": payment_intent,
    "payment_intent.processing": payment_intent,
    "payment_intent.succeeded": payment_intent,
    "payment_intent.payment_failed": payment_intent,
    "charge.succeeded": charge,
    "charge.failed": charge,
    "charge.updated": charge,
    "charge.refunded": charge,
    "refund.created": refund,
    "refund.updated": refund,
    "charge.dispute.created": dispute,
    "charge.dispute.updated": dispute,
    "charge.dispute.closed": dispute,
    "checkout.session.completed": checkout_session,
    "checkout.session.async_payment_succeeded": checkout_session,
    "checkout.session.async_payment_failed": checkout_session,
    "checkout.session.expired": checkout_session,
}
