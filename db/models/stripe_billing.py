"""What we keep of Stripe's invoices. Money is in the smallest unit of its currency."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.models.stripe import StripeMirrored


class Invoice(StripeMirrored, Base):
    """An invoice. https://docs.stripe.com/api/invoices/object."""

    __tablename__ = "stripe_invoices"
    __table_args__ = (PrimaryKeyConstraint("account", "id"), Index(None, "customer", "status"))
    id: Mapped[str]
    number: Mapped[str | None]
    status: Mapped[str | None]
    customer: Mapped[str | None]
    subscription: Mapped[str | None] = mapped_column(
        index=True, comment="invoice.parent.subscription_details.subscription, once subscription"
    )
    subscription_metadata: Mapped[dict[str, Any] | None] = mapped_column(
        comment="invoice.parent.subscription_details.metadata, once subscription_details.metadata"
    )
    subscription_proration_date: Mapped[datetime | None] = mapped_column(
        comment="invoice.parent.subscription_details.subscription_proration_date, "
        "once subscription_proration_date"
    )
    quote: Mapped[str | None] = mapped_column(
        comment="invoice.parent.quote_details.quote, once quote"
    )
    billing_reason: Mapped[str | None]
    collection_method: Mapped[str | None] = mapped_column(
        comment="invoice.collection_method, once billing"
    )
    currency: Mapped[str | None]
    subtotal: Mapped[int | None]
    total: Mapped[int | None]
    total_excluding_tax: Mapped[int | None]
    total_taxes: Mapped[list[Any] | None] = mapped_column(
        comment="invoice.total_taxes, once total_tax_amounts"
    )
    tax: Mapped[int | None] = mapped_column(
        comment="invoice.total_taxes[].amount, their sum, once tax"
    )
    amount_due: Mapped[int | None]
    amount_paid: Mapped[int | None]
    amount_remaining: Mapped[int | None]
    amount_overpaid: Mapped[int | None]
    starting_balance: Mapped[int | None]
    ending_balance: Mapped[int | None]
    attempt_count: Mapped[int | None]
    attempted: Mapped[bool | None]
    next_payment_attempt: Mapped[datetime | None]
    due_date: Mapped[datetime | None]
    period_start: Mapped[datetime | None]
    period_end: Mapped[datetime | None]
    effective_at: Mapped[datetime | None]
    finalized_at: Mapped[datetime | None] = mapped_column(
        comment="invoice.status_transitions.finalized_at, once finalized_at"
    )
    paid_at: Mapped[datetime | None] = mapped_column(comment="invoice.status_transitions.paid_at")
    voided_at: Mapped[datetime | None] = mapped_column(
        comment="invoice.status_transitions.voided_at"
    )
    marked_uncollectible_at: Mapped[datetime | None] = mapped_column(
        comment="invoice.status_transitions.marked_uncollectible_at"
    )
    paid: Mapped[bool | None] = mapped_column(
        comment="invoice.status: whether it is paid, once paid"
    )
    payment_intent: Mapped[str | None] = mapped_column(
        comment="invoice.payments.data[].payment.payment_intent of the default one, if told, "
        "once payment_intent; stripe_invoice_payments has them all"
    )
    charge: Mapped[str | None] = mapped_column(
        comment="invoice.payments.data[].payment.charge of the default one, if told, once charge"
    )
    hosted_invoice_url: Mapped[str | None]
    invoice_pdf: Mapped[str | None]
    auto_advance: Mapped[bool | None]
    last_finalization_error: Mapped[dict[str, Any] | None]
    discounts: Mapped[list[Any] | None] = mapped_column(
        comment="invoice.discounts, once one discount; ids or objects, as told"
    )
    coupons: Mapped[list[Any] | None] = mapped_column(
        comment="invoice.discounts[].source.coupon, once discount.coupon: the ids, if told"
    )
    lines: Mapped[list[Any] | None] = mapped_column(
        comment="invoice.lines.data, as told: of more than ten, the first ten"
    )
    metadata_: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    created: Mapped[datetime | None] = mapped_column(comment="invoice.created, once date")


class InvoicePayment(StripeMirrored, Base):
    """What was paid, or tried, of an invoice. https://docs.stripe.com/api/invoice-payment/object."""

    __tablename__ = "stripe_invoice_payments"
    id: Mapped[str]
    invoice: Mapped[str | None] = mapped_column(index=True)
    payment_type: Mapped[str | None] = mapped_column(comment="invoice_payment.payment.type")
    payment_intent: Mapped[str | None] = mapped_column(
        index=True, comment="invoice_payment.payment.payment_intent"
    )
    charge: Mapped[str | None] = mapped_column(comment="invoice_payment.payment.charge")
    amount_paid: Mapped[int | None]
    amount_requested: Mapped[int | None]
    currency: Mapped[str | None]
    status: Mapped[str | None]
    is_default: Mapped[bool | None]
    paid_at: Mapped[datetime | None] = mapped_column(
        comment="invoice_payment.status_transitions.paid_at"
    )
    canceled_at: Mapped[datetime | None] = mapped_column(
        comment="invoice_payment.status_transitions.canceled_at"
    )
    created: Mapped[datetime | None]
