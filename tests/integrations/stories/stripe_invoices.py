"""What Stripe says of invoices and entitlements, and what must stand of them. See stripe.py."""

from tallyman.testing.conformance import Said, Story
from tallyman.testing.conformance.subject import CREATED
from tests.integrations.stories.stripe import NEW, OLD


def _invoice(status, **fields):
    return {
        "object": "invoice",
        "id": "in_Example",
        "customer": "cus_Example",
        "status": status,
        "currency": "eur",
        "total": 1200,
        "amount_due": 1200,
    } | fields


_PARENT = {"type": "subscription_details", "subscription_details": {"subscription": "sub_Example"}}
INVOICE = Story(
    said=[
        Said("invoice.created", _invoice("draft", subscription="sub_Example"), 0, OLD),
        Said("invoice.finalized", _invoice("open", number="A-1", parent=_PARENT), 1, NEW),
        Said(
            "invoice.payment_failed",
            _invoice("open", number="A-1", parent=_PARENT, attempt_count=1),
            2,
            NEW,
        ),
        Said(
            "invoice.paid",
            _invoice(
                "paid",
                number="A-1",
                parent=_PARENT,
                attempt_count=2,
                amount_paid=1200,
                status_transitions={"paid_at": CREATED + 3},
            ),
            3,
            NEW,
        ),
    ],
    ends={
        "stripe_invoices": {
            "in_Example": {
                "customer": "cus_Example",
                "subscription": "sub_Example",
                "number": "A-1",
                "status": "paid",
                "currency": "eur",
                "amount_due": 1200,
                "amount_paid": 1200,
                "attempt_count": 2,
                "paid_at": CREATED + 3,
            }
        },
        "stripe_customers": {"cus_Example": {"data": None}},
        "stripe_subscriptions": {"sub_Example": {"data": None}},
    },
)

INVOICE_PAYMENT = Story(
    said=[
        Said("invoice.created", _invoice("draft"), 0, NEW),
        Said("invoice.paid", _invoice("paid", amount_paid=1200), 1, NEW),
        Said(
            "invoice_payment.paid",
            {
                "object": "invoice_payment",
                "id": "inpay_Example",
                "invoice": "in_Example",
                "amount_paid": 1200,
                "amount_requested": 1200,
                "currency": "eur",
                "is_default": True,
                "status": "paid",
                "payment": {"type": "payment_intent", "payment_intent": "pi_Example"},
                "status_transitions": {"paid_at": CREATED + 2, "canceled_at": None},
            },
            2,
            NEW,
        ),
    ],
    ends={
        "stripe_invoice_payments": {
            "inpay_Example": {
                "invoice": "in_Example",
                "payment_type": "payment_intent",
                "payment_intent": "pi_Example",
                "charge": None,
                "amount_paid": 1200,
                "is_default": True,
                "status": "paid",
            }
        },
        "stripe_invoices": {"in_Example": {"status": "paid"}},
        "stripe_payment_intents": {"pi_Example": {"data": None}},
    },
)


def _entitled(*letters):
    kind = "entitlements.active_entitlement"
    listed = [
        {"object": kind, "id": f"ent_Example{x}", "feature": f"feat_{x}", "lookup_key": x.lower()}
        for x in letters
    ]
    return {
        "object": "entitlements.active_entitlement_summary",
        "customer": "cus_Example",
        "entitlements": {"object": "list", "data": listed, "has_more": False},
    }


_UPDATED = "entitlements.active_entitlement_summary.updated"
ENTITLEMENTS = Story(
    said=[
        Said(_UPDATED, _entitled("A"), 0),
        Said(_UPDATED, _entitled("A", "B"), 1),
        Said(_UPDATED, _entitled(), 2),
        Said(_UPDATED, _entitled("C", "B"), 3),
    ],
    ends={
        "stripe_entitlements": {
            "ent_ExampleB": {"customer": "cus_Example", "feature": "feat_B", "lookup_key": "b"},
            "ent_ExampleC": {"customer": "cus_Example", "feature": "feat_C", "lookup_key": "c"},
        },
        "stripe_customers": {"cus_Example": {"data": None}},
    },
)

STORIES = {
    "an invoice is paid at the second attempt": INVOICE,
    "an invoice's payment is told apart": INVOICE_PAYMENT,
    "entitlements come and go": ENTITLEMENTS,
}
