"""Payment methods and intents."""

from tests.integrations.stripe.shapes.case import T, at, new, old

BILLING = {"email": "ada@example.org", "name": "Ada", "phone": None, "address": {"country": "IE"}}
OLD_CARD = {"brand": "Visa", "last4": "4242", "exp_month": 8, "exp_year": 2019}
NEW_CARD = {"brand": "visa", "last4": "1881", "exp_month": 9, "exp_year": 2031}
FACE_OLD = {
    "card_brand": "Visa",
    "card_last4": "4242",
    "card_exp_month": 8,
    "card_exp_year": 2019,
}
FACE_NEW = {
    "card_brand": "visa",
    "card_last4": "1881",
    "card_exp_month": 9,
    "card_exp_year": 2031,
}

METHODS = [
    old(
        "2019-05-16",
        {
            "id": "pm_old",
            "object": "payment_method",
            "billing_details": BILLING,
            "card": OLD_CARD | {"fingerprint": "x", "funding": "credit"},
            "created": T + 1,
            "customer": "cus_1",
            "metadata": {"pocket": "left"},
            "type": "card",
        },
        stripe_payment_methods={
            "customer": "cus_1",
            "type": "card",
            **FACE_OLD,
            "billing_details": BILLING,
            "metadata": {"pocket": "left"},
            "created": at(1),
        },
    ),
    new(
        {
            "id": "pm_new",
            "object": "payment_method",
            "allow_redisplay": "always",
            "billing_details": BILLING | {"tax_id": None},
            "card": NEW_CARD | {"regulated_status": "unregulated"},
            "created": T + 2,
            "customer": {"id": "cus_2", "object": "customer"},
            "metadata": {},
            "type": "card",
        },
        stripe_payment_methods={
            "customer": "cus_2",
            "type": "card",
            **FACE_NEW,
            "billing_details": BILLING | {"tax_id": None},
            "metadata": {},
            "created": at(2),
        },
    ),
]


def intent(id, **changes):
    return {
        "id": id,
        "object": "payment_intent",
        "amount": 900,
        "amount_capturable": 200,
        "amount_received": 700,
        "canceled_at": T + 1,
        "cancellation_reason": "abandoned",
        "capture_method": "manual",
        "client_secret": f"{id}_secret_x",
        "created": T + 2,
        "currency": "eur",
        "customer": "cus_1",
        "description": "an abacus",
        "last_payment_error": {
            "code": "card_declined",
            "decline_code": "lost_card",
            "message": "Your card was declined.",
            "type": "card_error",
        },
        "metadata": {"order": "1"},
        "payment_method": "pm_1",
        "setup_future_usage": "on_session",
        "status": "canceled",
    } | changes


INTENT = {
    "amount": 900,
    "amount_received": 700,
    "amount_capturable": 200,
    "currency": "eur",
    "status": "canceled",
    "customer": "cus_1",
    "payment_method": "pm_1",
    "capture_method": "manual",
    "cancellation_reason": "abandoned",
    "canceled_at": at(1),
    "last_payment_error_code": "card_declined",
    "last_payment_error_decline_code": "lost_card",
    "last_payment_error_message": "Your card was declined.",
    "setup_future_usage": "on_session",
    "description": "an abacus",
    "metadata": {"order": "1"},
    "created": at(2),
}
CHARGES_OF_INTENT = {"object": "list", "data": [{"id": "ch_1", "object": "charge"}]}

INTENTS = [
    old(
        "2019-05-16",
        intent("pi_old", charges=CHARGES_OF_INTENT, invoice="in_1"),
        stripe_payment_intents=INTENT | {"latest_charge": "ch_1", "invoice": "in_1"},
    ),
    new(
        intent("pi_new", latest_charge={"id": "ch_2", "object": "charge"}),
        stripe_payment_intents=INTENT | {"latest_charge": "ch_2", "invoice": None},
    ),
]

CASES = [*METHODS, *INTENTS]
