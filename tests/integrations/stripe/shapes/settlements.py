"""Refunds, disputes and checkouts."""

from tests.integrations.stripe.shapes.case import T, at, new, old

SHIPPING = {"name": "Ada", "address": {"city": "Cork", "country": "IE"}}
MOVED = [{"id": "txn_1", "object": "balance_transaction", "amount": -900}]


def refund(id, **changes):
    return {
        "id": id,
        "object": "refund",
        "amount": 300,
        "balance_transaction": "txn_1",
        "charge": "ch_1",
        "created": T + 1,
        "currency": "eur",
        "failure_reason": "expired_or_canceled_card",
        "metadata": {"why": "asked"},
        "reason": "duplicate",
        "status": "failed",
    } | changes


REFUND = {
    "amount": 300,
    "currency": "eur",
    "status": "failed",
    "reason": "duplicate",
    "failure_reason": "expired_or_canceled_card",
    "metadata": {"why": "asked"},
    "created": at(1),
}
REFUNDS = [
    old(
        "2018-02-28",
        refund("re_old"),
        stripe_refunds=REFUND
        | {
            "charge": "ch_1",
            "payment_intent": None,
            "balance_transaction": "txn_1",
            "pending_reason": None,
        },
    ),
    new(
        refund(
            "re_new",
            balance_transaction={"id": "txn_2", "object": "balance_transaction"},
            charge={"id": "ch_2", "object": "charge"},
            payment_intent="pi_2",
            pending_reason="processing",
        ),
        stripe_refunds=REFUND
        | {
            "charge": "ch_2",
            "payment_intent": "pi_2",
            "balance_transaction": "txn_2",
            "pending_reason": "processing",
        },
    ),
]


def dispute(id, **changes):
    return {
        "id": id,
        "object": "dispute",
        "amount": 900,
        "balance_transactions": MOVED,
        "charge": "ch_1",
        "created": T + 1,
        "currency": "eur",
        "evidence_details": {"due_by": T + 2, "has_evidence": False},
        "is_charge_refundable": True,
        "metadata": {"case": "1"},
        "reason": "fraudulent",
        "status": "needs_response",
    } | changes


DISPUTE = {
    "amount": 900,
    "currency": "eur",
    "status": "needs_response",
    "reason": "fraudulent",
    "is_charge_refundable": True,
    "evidence_due_by": at(2),
    "balance_transactions": MOVED,
    "metadata": {"case": "1"},
    "created": at(1),
}
DISPUTES = [
    old(
        "2018-02-28",
        dispute("dp_old", balance_transaction="txn_1"),
        stripe_disputes=DISPUTE
        | {"charge": "ch_1", "payment_intent": None, "network_reason_code": None},
    ),
    new(
        dispute(
            "du_new",
            charge={"id": "ch_2", "object": "charge"},
            network_reason_code="10.4",
            payment_intent={"id": "pi_2", "object": "payment_intent"},
        ),
        stripe_disputes=DISPUTE
        | {"charge": "ch_2", "payment_intent": "pi_2", "network_reason_code": "10.4"},
    ),
]

SESSIONS = [
    old(
        "2020-03-02",
        {
            "id": "cs_old",
            "object": "checkout.session",
            "client_reference_id": "user_1",
            "customer": "cus_1",
            "customer_email": "old@example.org",
            "display_items": [],
            "livemode": False,
            "metadata": {"shop": "1"},
            "mode": "payment",
            "payment_intent": "pi_1",
            "setup_intent": "seti_1",
            "shipping": SHIPPING,
            "subscription": "sub_1",
            "success_url": "https://example.org",
        },
        stripe_checkout_sessions={
            "mode": "payment",
            "status": None,
            "payment_status": None,
            "customer": "cus_1",
            "customer_email": "old@example.org",
            "client_reference_id": "user_1",
            "subscription": "sub_1",
            "payment_intent": "pi_1",
            "invoice": None,
            "setup_intent": "seti_1",
            "payment_link": None,
            "amount_subtotal": None,
            "amount_total": None,
            "currency": None,
            "expires_at": None,
            "url": None,
            "ui_mode": None,
            "recovered_from": None,
            "shipping_details": SHIPPING,
            "metadata": {"shop": "1"},
            "created": None,
        },
    ),
    new(
        {
            "id": "cs_new",
            "object": "checkout.session",
            "amount_subtotal": 800,
            "amount_total": 900,
            "client_reference_id": "user_2",
            "client_secret": "cs_new_secret_x",
            "collected_information": {"shipping_details": SHIPPING},
            "created": T + 1,
            "currency": "usd",
            "customer": {"id": "cus_2", "object": "customer"},
            "customer_details": {"email": "new@example.org", "name": "Ada"},
            "customer_email": "typed@example.org",
            "expires_at": T + 2,
            "invoice": {"id": "in_2", "object": "invoice"},
            "metadata": {"shop": "2"},
            "mode": "subscription",
            "payment_intent": {"id": "pi_2", "object": "payment_intent"},
            "payment_link": "plink_1",
            "payment_status": "paid",
            "recovered_from": "cs_lost",
            "setup_intent": "seti_2",
            "status": "complete",
            "subscription": {"id": "sub_2", "object": "subscription"},
            "ui_mode": "hosted_page",
            "url": "https://checkout.example.org/2",
        },
        stripe_checkout_sessions={
            "mode": "subscription",
            "status": "complete",
            "payment_status": "paid",
            "customer": "cus_2",
            "customer_email": "new@example.org",
            "client_reference_id": "user_2",
            "subscription": "sub_2",
            "payment_intent": "pi_2",
            "invoice": "in_2",
            "setup_intent": "seti_2",
            "payment_link": "plink_1",
            "amount_subtotal": 800,
            "amount_total": 900,
            "currency": "usd",
            "expires_at": at(2),
            "url": "https://checkout.example.org/2",
            "ui_mode": "hosted_page",
            "recovered_from": "cs_lost",
            "shipping_details": SHIPPING,
            "metadata": {"shop": "2"},
            "created": at(1),
        },
    ),
]
CASES = [*REFUNDS, *DISPUTES, *SESSIONS]
