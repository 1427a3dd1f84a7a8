"""What Stripe says of refunds and disputes, and what must stand of them. See stripe.py."""

from tallyman.testing.conformance import Said, Story
from tallyman.testing.conformance.subject import CREATED


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

STORIES = {
    "a refund fails": REFUND,
    "a dispute is won": DISPUTE,
}
