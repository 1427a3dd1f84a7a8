"""How money comes, and goes back."""

from typing import Annotated

from pydantic import BeforeValidator

from integrations.schema import BigInt, Id, Ref, Seconds
from integrations.stripe.schemas.lists import Listed
from integrations.stripe.schemas.parts import Object, Part, Parts, found


class PaymentMethod(Object):
    """https://docs.stripe.com/api/payment_methods/object."""

    customer: Ref | None = None
    type: str | None = None
    card: Part = None
    card_brand: str | None = found(("card", "brand"))
    card_last4: str | None = found(("card", "last4"))
    card_exp_month: BigInt | None = found(("card", "exp_month"))
    card_exp_year: BigInt | None = found(("card", "exp_year"))
    billing_details: Part = None
    metadata: Part = None
    created: Seconds | None = None


class PaymentIntent(Object):
    """https://docs.stripe.com/api/payment_intents/object.

    Until 2022-11-15 it had a list of charges, the latest first; until 2025-03-31.basil its invoice.
    """

    amount: BigInt | None = None
    amount_received: BigInt | None = None
    amount_capturable: BigInt | None = None
    currency: str | None = None
    status: str | None = None
    customer: Ref | None = None
    own_latest_charge: Ref | None = found("latest_charge")
    charges: Listed[Ref] = Listed()
    payment_method: Ref | None = None
    invoice: Ref | None = None
    capture_method: str | None = None
    cancellation_reason: str | None = None
    canceled_at: Seconds | None = None
    last_payment_error: Part = None
    last_payment_error_code: str | None = found(("last_payment_error", "code"))
    last_payment_error_decline_code: str | None = found(("last_payment_error", "decline_code"))
    last_payment_error_message: str | None = found(("last_payment_error", "message"))
    setup_future_usage: str | None = None
    description: str | None = None
    metadata: Part = None
    created: Seconds | None = None

    @property
    def latest_charge(self) -> str | None:
        """Return the charge's id; once it was the first of a list."""
        return self.own_latest_charge or next(iter(self.charges.told), None)


def _is_there(value: object) -> object:
    """Return whether there is a dispute: charges once named it."""
    return value is not None if value is None or isinstance(value, str | dict) else value


_CARD = ("payment_method_details", "card")
_SOURCE_CARD = ("source", "card")


class Charge(Object):
    """https://docs.stripe.com/api/charges/object.

    Before there were payment methods it was made with a `source`: a card, or a source of one.
    """

    amount: BigInt | None = None
    amount_captured: BigInt | None = None
    amount_refunded: BigInt | None = None
    currency: str | None = None
    status: str | None = None
    paid: bool | None = None
    captured: bool | None = None
    refunded: bool | None = None
    disputed: Annotated[bool | None, BeforeValidator(_is_there)] = found("disputed", "dispute")
    customer: Ref | None = None
    payment_intent: Ref | None = None
    payment_method: Ref | None = found("payment_method", "source")
    invoice: Ref | None = None
    payment_method_details: Part = None
    payment_method_type: str | None = found(
        ("payment_method_details", "type"), ("source", "type"), ("source", "object")
    )
    card_brand: str | None = found((*_CARD, "brand"), ("source", "brand"), (*_SOURCE_CARD, "brand"))
    card_last4: str | None = found((*_CARD, "last4"), ("source", "last4"), (*_SOURCE_CARD, "last4"))
    card_exp_month: BigInt | None = found(
        (*_CARD, "exp_month"), ("source", "exp_month"), (*_SOURCE_CARD, "exp_month")
    )
    card_exp_year: BigInt | None = found(
        (*_CARD, "exp_year"), ("source", "exp_year"), (*_SOURCE_CARD, "exp_year")
    )
    failure_code: str | None = None
    failure_message: str | None = None
    outcome: Part = None
    outcome_type: str | None = found(("outcome", "type"))
    outcome_risk_level: str | None = found(("outcome", "risk_level"))
    outcome_reason: str | None = found(("outcome", "reason"))
    balance_transaction: Ref | None = None
    receipt_url: str | None = None
    billing_details: Part = None
    metadata: Part = None
    created: Seconds | None = None


class Refund(Object):
    """https://docs.stripe.com/api/refunds/object."""

    charge: Ref | None = None
    payment_intent: Ref | None = None
    amount: BigInt | None = None
    currency: str | None = None
    status: str | None = None
    reason: str | None = None
    failure_reason: str | None = None
    pending_reason: str | None = None
    balance_transaction: Ref | None = None
    metadata: Part = None
    created: Seconds | None = None


class Dispute(Object):
    """https://docs.stripe.com/api/disputes/object."""

    charge: Ref | None = None
    payment_intent: Ref | None = None
    amount: BigInt | None = None
    currency: str | None = None
    status: str | None = None
    reason: str | None = None
    payment_method_details: Part = None
    network_reason_code: str | None = found(
        "network_reason_code", ("payment_method_details", "card", "network_reason_code")
    )
    is_charge_refundable: bool | None = None
    evidence_details: Part = None
    evidence_due_by: Seconds | None = found(("evidence_details", "due_by"))
    balance_transactions: Parts = None
    metadata: Part = None
    created: Seconds | None = None


class CheckoutSession(Object):
    """https://docs.stripe.com/api/checkout/sessions/object."""

    mode: str | None = None
    status: str | None = None
    payment_status: str | None = None
    customer: Ref | None = None
    customer_details: Part = None
    customer_email: str | None = found(("customer_details", "email"), "customer_email")
    client_reference_id: Id | None = None
    subscription: Ref | None = None
    payment_intent: Ref | None = None
    invoice: Ref | None = None
    setup_intent: Ref | None = None
    payment_link: Ref | None = None
    amount_subtotal: BigInt | None = None
    amount_total: BigInt | None = None
    currency: str | None = None
    expires_at: Seconds | None = None
    url: str | None = None
    ui_mode: str | None = None
    recovered_from: Ref | None = None
    collected_information: Part = None
    shipping_details: Part = found(
        ("collected_information", "shipping_details"), "shipping_details", "shipping"
    )
    metadata: Part = None
    created: Seconds | None = None
