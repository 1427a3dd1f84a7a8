"""What Stripe says of invoices and payments, and what must stand of them. See stripe.py."""

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


def _intent(status, **fields):
    named = {"object": "payment_intent", "id": "pi_Example", "customer": "cus_Example"}
    secret = {"client_secret": "pi_Example_secret_x"}
    return named | secret | {"amount": 1200, "currency": "eur", "status": status} | fields


PAYMENT_INTENT = Story(
    said=[
        Said("payment_intent.created", _intent("requires_payment_method"), 0, OLD),
        Said("payment_intent.requires_action", _intent("requires_action"), 1),
        Said(
            "payment_intent.payment_failed",
            _intent(
                "requires_payment_method",
                last_payment_error={"code": "card_declined", "decline_code": "stolen_card"},
            ),
            2,
        ),
        Said(
            "payment_intent.succeeded",
            _intent("succeeded", amount_received=1200, latest_charge="ch_Example"),
            3,
        ),
    ],
    ends={
        "stripe_payment_intents": {
            "pi_Example": {
                "customer": "cus_Example",
                "amount": 1200,
                "amount_received": 1200,
                "currency": "eur",
                "status": "succeeded",
                "latest_charge": "ch_Example",
                "last_payment_error_code": None,
            }
        },
        "stripe_customers": {"cus_Example": {"data": None}},
    },
)


def _charge(**fields):
    named = {"object": "charge", "id": "ch_Example", "payment_intent": "pi_Example"}
    return named | {"amount": 1200, "currency": "eur", "status": "succeeded"} | fields


_CARD = {"type": "card", "card": {"brand": "visa", "last4": "4242", "exp_month": 8}}
_SOURCE = {"object": "card", "id": "card_Example", "brand": "Visa", "last4": "4242"}
CHARGE = Story(
    said=[
        Said("charge.succeeded", _charge(captured=False, source=_SOURCE), 0, OLD),
        Said("charge.captured", _charge(captured=True, payment_method_details=_CARD), 1, NEW),
        Said(
            "charge.refunded",
            _charge(captured=True, payment_method_details=_CARD, amount_refunded=200),
            2,
            NEW,
        ),
    ],
    ends={
        "stripe_charges": {
            "ch_Example": {
                "payment_intent": "pi_Example",
                "amount": 1200,
                "amount_refunded": 200,
                "captured": True,
                "payment_method_type": "card",
                "card_brand": "visa",
                "card_last4": "4242",
            }
        },
        "stripe_payment_intents": {"pi_Example": {"data": None}},
    },
)


def _refund(status, **fields):
    named = {"object": "refund", "id": "re_Example", "charge": "ch_Example", "amount": 200}
    return named | {"currency": "eur", "status": status} | fields


REFUND = Story(
    said=[
        Said("refund.created", _refund("pending", pending_reason="processing"), 0),
        Said("refund.updated", _refund("requires_action"), 1),
        Said("refund.failed", _refund("failed", failure_reason="expired_or_canceled_card"), 2),
    ],
    ends={
        "stripe_refunds": {
            "re_Example": {
                "charge": "ch_Example",
                "amount": 200,
                "status": "failed",
                "failure_reason": "expired_or_canceled_card",
                "pending_reason": None,
            }
        },
        "stripe_charges": {"ch_Example": {"data": None}},
    },
)


def _dispute(status, **fields):
    named = {"object": "dispute", "id": "du_Example", "charge": "ch_Example", "amount": 1200}
    return named | {"currency": "eur", "reason": "fraudulent", "status": status} | fields


DISPUTE = Story(
    said=[
        Said(
            "charge.dispute.created",
            _dispute("needs_response", evidence_details={"due_by": CREATED + 86400}),
            0,
        ),
        Said("charge.dispute.funds_withdrawn", _dispute("under_review"), 1),
        Said("charge.dispute.closed", _dispute("won", is_charge_refundable=False), 2),
    ],
    ends={
        "stripe_disputes": {
            "du_Example": {
                "charge": "ch_Example",
                "amount": 1200,
                "reason": "fraudulent",
                "status": "won",
                "is_charge_refundable": False,
            }
        }
    },
)


def _session(payment_status, **fields):
    return {
        "object": "checkout.session",
        "id": "cs_Example",
        "mode": "subscription",
        "status": "complete",
        "payment_status": payment_status,
        "client_reference_id": "team_7",
        "customer": "cus_Example",
        "customer_details": {"email": "ada@example.org"},
        "subscription": "sub_Example",
    } | fields


CHECKOUT = Story(
    said=[
        Said("checkout.session.completed", _session("unpaid"), 0),
        Said("checkout.session.async_payment_succeeded", _session("paid"), 1),
    ],
    ends={
        "stripe_checkout_sessions": {
            "cs_Example": {
                "mode": "subscription",
                "status": "complete",
                "payment_status": "paid",
                "client_reference_id": "team_7",
                "customer": "cus_Example",
                "customer_email": "ada@example.org",
                "subscription": "sub_Example",
            }
        },
        "stripe_customers": {"cus_Example": {"data": None}},
        "stripe_subscriptions": {"sub_Example": {"data": None}},
    },
)


def _method(customer, **fields):
    card = {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2031}
    named = {"object": "payment_method", "id": "pm_Example", "type": "card", "card": card}
    return named | {"customer": customer} | fields


PAYMENT_METHOD = Story(
    said=[
        Said("payment_method.attached", _method("cus_Example"), 0),
        Said("payment_method.updated", _method("cus_Example", metadata={"main": "yes"}), 1),
        Said("payment_method.detached", _method(None, metadata={"main": "yes"}), 2),
    ],
    ends={
        "stripe_payment_methods": {
            "pm_Example": {
                "customer": None,
                "type": "card",
                "card_brand": "visa",
                "card_last4": "4242",
                "card_exp_year": 2031,
                "metadata": {"main": "yes"},
                "deleted_at": None,
            }
        },
        "stripe_customers": {"cus_Example": {"data": None}},
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
    "a payment needs three attempts": PAYMENT_INTENT,
    "a charge is captured and refunded in part": CHARGE,
    "a refund fails": REFUND,
    "a dispute is won": DISPUTE,
    "a checkout is paid later": CHECKOUT,
    "a payment method is taken off its customer": PAYMENT_METHOD,
    "entitlements come and go": ENTITLEMENTS,
}
