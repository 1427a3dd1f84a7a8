"""What we keep of Stripe's payments. Money is in the smallest unit of its currency."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.models.stripe import StripeMirrored


class PaymentMethod(StripeMirrored, Base):
    """How a customer pays. https://docs.stripe.com/api/payment_methods/object."""

    __tablename__ = "stripe_payment_methods"
    id: Mapped[str]
    customer: Mapped[str | None] = mapped_column(index=True)
    type: Mapped[str | None]
    card_brand: Mapped[str | None] = mapped_column(comment="payment_method.card.brand")
    card_last4: Mapped[str | None] = mapped_column(comment="payment_method.card.last4")
    card_exp_month: Mapped[int | None] = mapped_column(comment="payment_method.card.exp_month")
    card_exp_year: Mapped[int | None] = mapped_column(comment="payment_method.card.exp_year")
    billing_details: Mapped[dict[str, Any] | None]
    metadata_: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    created: Mapped[datetime | None]


class PaymentIntent(StripeMirrored, Base):
    """A payment that is to be made. https://docs.stripe.com/api/payment_intents/object."""

    __tablename__ = "stripe_payment_intents"
    id: Mapped[str]
    amount: Mapped[int | None]
    amount_received: Mapped[int | None]
    amount_capturable: Mapped[int | None]
    currency: Mapped[str | None]
    status: Mapped[str | None]
    customer: Mapped[str | None] = mapped_column(index=True)
    latest_charge: Mapped[str | None] = mapped_column(
        comment="payment_intent.latest_charge, once charges.data[0]"
    )
    payment_method: Mapped[str | None]
    invoice: Mapped[str | None] = mapped_column(
        comment="payment_intent.invoice, no longer told: see stripe_invoice_payments"
    )
    capture_method: Mapped[str | None]
    cancellation_reason: Mapped[str | None]
    canceled_at: Mapped[datetime | None]
    last_payment_error_code: Mapped[str | None] = mapped_column(
        comment="payment_intent.last_payment_error.code"
    )
    last_payment_error_decline_code: Mapped[str | None] = mapped_column(
        comment="payment_intent.last_payment_error.decline_code"
    )
    last_payment_error_message: Mapped[str | None] = mapped_column(
        comment="payment_intent.last_payment_error.message"
    )
    setup_future_usage: Mapped[str | None]
    description: Mapped[str | None]
    metadata_: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    created: Mapped[datetime | None]


class Charge(StripeMirrored, Base):
    """One attempt to move money. https://docs.stripe.com/api/charges/object."""

    __tablename__ = "stripe_charges"
    id: Mapped[str]
    amount: Mapped[int | None]
    amount_captured: Mapped[int | None]
    amount_refunded: Mapped[int | None]
    currency: Mapped[str | None]
    status: Mapped[str | None]
    paid: Mapped[bool | None]
    captured: Mapped[bool | None]
    refunded: Mapped[bool | None]
    disputed: Mapped[bool | None] = mapped_column(
        comment="charge.disputed, once whether there is a dispute"
    )
    customer: Mapped[str | None] = mapped_column(index=True)
    payment_intent: Mapped[str | None] = mapped_column(index=True)
    payment_method: Mapped[str | None] = mapped_column(
        comment="charge.payment_method, once source.id"
    )
    invoice: Mapped[str | None] = mapped_column(
        comment="charge.invoice, no longer told: see stripe_invoice_payments"
    )
    payment_method_type: Mapped[str | None] = mapped_column(
        comment="charge.payment_method_details.type, once source.object"
    )
    card_brand: Mapped[str | None] = mapped_column(
        comment="charge.payment_method_details.card.brand, once source.brand"
    )
    card_last4: Mapped[str | None] = mapped_column(
        comment="charge.payment_method_details.card.last4, once source.last4"
    )
    card_exp_month: Mapped[int | None] = mapped_column(
        comment="charge.payment_method_details.card.exp_month, once source.exp_month"
    )
    card_exp_year: Mapped[int | None] = mapped_column(
        comment="charge.payment_method_details.card.exp_year, once source.exp_year"
    )
    failure_code: Mapped[str | None]
    failure_message: Mapped[str | None]
    outcome_type: Mapped[str | None] = mapped_column(comment="charge.outcome.type")
    outcome_risk_level: Mapped[str | None] = mapped_column(comment="charge.outcome.risk_level")
    outcome_reason: Mapped[str | None] = mapped_column(comment="charge.outcome.reason")
    balance_transaction: Mapped[str | None]
    receipt_url: Mapped[str | None]
    billing_details: Mapped[dict[str, Any] | None]
    metadata_: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    created: Mapped[datetime | None]


class Refund(StripeMirrored, Base):
    """Money that goes back. https://docs.stripe.com/api/refunds/object."""

    __tablename__ = "stripe_refunds"
    id: Mapped[str]
    charge: Mapped[str | None] = mapped_column(index=True)
    payment_intent: Mapped[str | None]
    amount: Mapped[int | None]
    currency: Mapped[str | None]
    status: Mapped[str | None]
    reason: Mapped[str | None]
    failure_reason: Mapped[str | None]
    pending_reason: Mapped[str | None]
    balance_transaction: Mapped[str | None]
    metadata_: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    created: Mapped[datetime | None]


class Dispute(StripeMirrored, Base):
    """A charge that its payer disputes. https://docs.stripe.com/api/disputes/object."""

    __tablename__ = "stripe_disputes"
    id: Mapped[str]
    charge: Mapped[str | None] = mapped_column(index=True)
    payment_intent: Mapped[str | None]
    amount: Mapped[int | None]
    currency: Mapped[str | None]
    status: Mapped[str | None]
    reason: Mapped[str | None]
    network_reason_code: Mapped[str | None]
    is_charge_refundable: Mapped[bool | None]
    evidence_due_by: Mapped[datetime | None] = mapped_column(
        comment="dispute.evidence_details.due_by"
    )
    balance_transactions: Mapped[list[Any] | None]
    metadata_: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    created: Mapped[datetime | None]


class CheckoutSession(StripeMirrored, Base):
    """A checkout page. https://docs.stripe.com/api/checkout/sessions/object."""

    __tablename__ = "stripe_checkout_sessions"
    __describes__ = "checkout.session"
    id: Mapped[str]
    mode: Mapped[str | None]
    status: Mapped[str | None]
    payment_status: Mapped[str | None]
    customer: Mapped[str | None] = mapped_column(index=True)
    customer_email: Mapped[str | None] = mapped_column(
        comment="checkout.session.customer_details.email, once customer_email"
    )
    client_reference_id: Mapped[str | None] = mapped_column(index=True)
    subscription: Mapped[str | None]
    payment_intent: Mapped[str | None]
    invoice: Mapped[str | None]
    setup_intent: Mapped[str | None]
    payment_link: Mapped[str | None]
    amount_subtotal: Mapped[int | None]
    amount_total: Mapped[int | None]
    currency: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    url: Mapped[str | None]
    ui_mode: Mapped[str | None]
    recovered_from: Mapped[str | None]
    shipping_details: Mapped[dict[str, Any] | None] = mapped_column(
        comment="checkout.session.collected_information.shipping_details, once shipping_details"
    )
    metadata_: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    created: Mapped[datetime | None]
