"""The lives of Stripe's invoices and payments, and of what a customer may use."""

from collections.abc import Iterator

from simulator import stripe_billing as billing
from simulator import stripe_payments as payments
from simulator.life import Life, MemberSet, Named, to
from simulator.text import JSON

OLD = "2018-11-08"
"""Before `balance`, `collection_method`, prices in items, the periods of items, an invoice's
parent, payment methods, and the latest charge of a payment."""
SUMMARY = "entitlements.active_entitlement_summary"


def renamed(obj: JSON, **names: str) -> JSON:
    """Return the object with other names for some fields: old=new."""
    rest = {name: value for name, value in obj.items() if name not in names.values()}
    return rest | {old: obj[new] for old, new in names.items()}


def _without(obj: JSON, *names: str) -> JSON:
    return {name: value for name, value in obj.items() if name not in names}


def _old_invoice(invoice: JSON) -> JSON:
    told = renamed(invoice, billing="collection_method", date="created", discount="discounts")
    details = invoice["parent"]["subscription_details"]
    mended = {"discount": None, "subscription": details["subscription"]}
    return _without(told, "parent", "total_taxes") | mended


def _old_intent(intent: JSON) -> JSON:
    charges = {"object": "list", "data": [payments.charge(0)], "has_more": False}
    return _without(intent, "latest_charge") | {"charges": charges}


def _old_charge(charge: JSON) -> JSON:
    card = {"id": "card_ExampleCard", "object": "card", **charge["payment_method_details"]["card"]}
    newer = ("payment_method", "payment_method_details", "disputed", "amount_captured")
    return _without(charge, *newer) | {"source": card, "dispute": None}


def _summary(at: int) -> JSON:
    return billing.entitlement_summary(at) | {"id": billing.ENTITLED}


def as_sent(obj: JSON) -> JSON:
    """Return the object as it travels: a summary of entitlements is kept by its customer's id."""
    return _without(obj, "id") if obj.get("object") == SUMMARY else obj


def _entitlements(summary: JSON) -> list[JSON]:
    return list(summary["entitlements"]["data"])


def _references(obj: JSON) -> Iterator[Named]:
    """Yield what an object names and belongs to."""
    for of in ("customer", "invoice", "subscription", "payment_intent", "charge"):
        if obj.get(of):
            yield of, obj[of]


def _in_payment(payment: JSON) -> Iterator[Named]:
    yield "invoice", payment["invoice"]
    yield "payment_intent", payment["payment"]["payment_intent"]


def _in_invoice(invoice: JSON) -> Iterator[Named]:
    yield "customer", invoice["customer"]
    yield "subscription", invoice["parent"]["subscription_details"]["subscription"]


def _customer(obj: JSON) -> Iterator[Named]:
    if obj["customer"]:
        yield "customer", obj["customer"]


LIVES = {
    "invoice": Life(
        made=billing.invoice,
        created="invoice.created",
        updated="invoice.updated",
        deleted="invoice.deleted",
        changes=[
            to("invoice.finalized", status="open"),
            to("invoice.payment_failed", attempt_count=2),
            to("invoice.voided", status="void"),
        ],
        shapes={OLD: _old_invoice},
        names=_in_invoice,
    ),
    "invoice_payment": Life(
        made=billing.invoice_payment,
        created="invoice_payment.paid",
        updated="invoice_payment.paid",
        changes=[to(status="canceled"), to(amount_paid=600), to(is_default=False)],
        names=_in_payment,
    ),
    "payment_method": Life(
        made=payments.payment_method,
        created="payment_method.attached",
        updated="payment_method.updated",
        changes=[to("payment_method.detached", customer=None), to(metadata={"seat": "3"})],
        names=_customer,
    ),
    "payment_intent": Life(
        made=payments.payment_intent,
        created="payment_intent.created",
        updated="payment_intent.processing",
        changes=[
            to("payment_intent.succeeded", amount_received=1100),
            to("payment_intent.canceled", status="canceled"),
            to(description="Late"),
        ],
        shapes={OLD: _old_intent},
        names=_customer,
        secret=["client_secret"],
    ),
    "charge": Life(
        made=payments.charge,
        created="charge.succeeded",
        updated="charge.updated",
        changes=[
            to("charge.refunded", refunded=True, amount_refunded=1200),
            to(metadata={"seat": "3"}),
            to(disputed=True),
        ],
        shapes={OLD: _old_charge},
        names=_references,
    ),
    "refund": Life(
        made=payments.refund,
        created="refund.created",
        updated="refund.updated",
        changes=[to(status="failed"), to(metadata={"why": "asked"}), to(charge=None)],
        names=_references,
    ),
    "dispute": Life(
        made=payments.dispute,
        created="charge.dispute.created",
        updated="charge.dispute.updated",
        changes=[
            to("charge.dispute.closed", status="lost"),
            to(is_charge_refundable=False),
            to(metadata={"why": "asked"}),
        ],
        names=_references,
    ),
    "checkout.session": Life(
        made=payments.checkout_session,
        created="checkout.session.completed",
        updated="checkout.session.async_payment_succeeded",
        changes=[
            to("checkout.session.async_payment_failed", payment_status="unpaid"),
            to("checkout.session.expired", status="expired"),
            to(metadata={"plan": "pro"}),
        ],
        names=_references,
        secret=["client_secret"],
    ),
    SUMMARY: Life(
        made=_summary,
        created=f"{SUMMARY}.updated",
        updated=f"{SUMMARY}.updated",
        changes=[
            to(entitlements=billing.entitlements("Seats")),
            to(entitlements=billing.entitlements()),
            to(entitlements=billing.entitlements("Export", "Seats", "Audit")),
        ],
        names=_customer,
        sets=[MemberSet("stripe_entitlements", "customer", _entitlements)],
    ),
}
