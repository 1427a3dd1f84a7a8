"""Refunds and disputes."""

from tests.integrations.stripe.shapes.case import T, at, new, old

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

CASES = [*REFUNDS, *DISPUTES]
