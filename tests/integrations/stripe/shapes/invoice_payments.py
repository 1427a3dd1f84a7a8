"""Payments of invoices, which are objects of their own since 2025-03-31.basil."""

from tests.integrations.stripe.shapes.case import T, at, new, old


def payment(id, **changes):
    return {
        "id": id,
        "object": "invoice_payment",
        "amount_paid": 700,
        "amount_requested": 900,
        "created": T + 1,
        "currency": "eur",
        "invoice": "in_1",
        "is_default": True,
        "livemode": False,
        "payment": {"type": "charge", "charge": "ch_1"},
        "status": "paid",
        "status_transitions": {"canceled_at": T + 2, "paid_at": T + 3},
    } | changes


CASES = [
    old(
        "2025-03-31.basil",
        payment("inpay_old"),
        stripe_invoice_payments={
            "invoice": "in_1",
            "payment_type": "charge",
            "payment_intent": None,
            "charge": "ch_1",
            "amount_paid": 700,
            "amount_requested": 900,
            "currency": "eur",
            "status": "paid",
            "is_default": True,
            "paid_at": at(3),
            "canceled_at": at(2),
            "created": at(1),
        },
    ),
    new(
        payment(
            "inpay_new",
            invoice={"id": "in_2", "object": "invoice"},
            payment={
                "type": "payment_intent",
                "payment_intent": {"id": "pi_2", "object": "payment_intent"},
                "charge": {"id": "ch_2", "object": "charge"},
            },
            is_default=False,
            status="canceled",
        ),
        stripe_invoice_payments={
            "invoice": "in_2",
            "payment_type": "payment_intent",
            "payment_intent": "pi_2",
            "charge": "ch_2",
            "amount_paid": 700,
            "amount_requested": 900,
            "currency": "eur",
            "status": "canceled",
            "is_default": False,
            "paid_at": at(3),
            "canceled_at": at(2),
            "created": at(1),
        },
    ),
]
