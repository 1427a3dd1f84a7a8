"""What Stripe says of payments, and what must stand of them. See stripe.py."""

from tallyman.testing.conformance import Said, Story
from tests.integrations.stories.stripe import NEW, OLD


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

STORIES = {
    "a payment needs three attempts": PAYMENT_INTENT,
    "a charge is captured and refunded in part": CHARGE,
    "a checkout is paid later": CHECKOUT,
    "a payment method is taken off its customer": PAYMENT_METHOD,
}
