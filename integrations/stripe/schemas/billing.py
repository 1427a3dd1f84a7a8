"""What is to be paid, and how it was."""

from typing import Annotated

from pydantic import AfterValidator, Field

from integrations.schema import JSON, BigInt, Ref, Seconds, Shape, Word
from integrations.stripe.schemas.lists import Listed
from integrations.stripe.schemas.parts import Discounted, Object, Part, Parts, found

_PARENT = ("parent", "subscription_details")


class Tax(Shape):
    """One of the taxes of an invoice."""

    amount: BigInt | None = None


def _sum(taxes: list[Tax] | None) -> int | None:
    return None if taxes is None else sum(tax.amount or 0 for tax in taxes)


def _fits(taxes: list[Tax] | None) -> list[Tax] | None:
    if not -(2**63) <= (_sum(taxes) or 0) < 2**63:
        raise ValueError("the amounts add up to more than 64 bits hold")
    return taxes


Taxes = Annotated[list[Tax] | None, AfterValidator(_fits)]


class Paid(Shape):
    """By what an invoice is paid. Its default payment is for all that remains due."""

    is_default: bool | None = None
    payment: Part = None
    payment_intent: Ref | None = found(("payment", "payment_intent"))
    charge: Ref | None = found(("payment", "charge"))


class Invoice(Discounted, Object):
    """https://docs.stripe.com/api/invoices/object.

    What it is for moved into `parent`, how it was paid into its payments, and its taxes into one
    list in 2025-03-31.basil
    (docs.stripe.com/changelog/basil/2025-03-31/adds-new-parent-field-to-invoicing-objects).
    """

    number: str | None = None
    status: Word | None = None
    customer: Ref | None = None
    parent: Part = None
    subscription: Ref | None = found((*_PARENT, "subscription"), "subscription")
    subscription_metadata: Part = found(
        (*_PARENT, "metadata"), ("subscription_details", "metadata")
    )
    subscription_proration_date: Seconds | None = found(
        (*_PARENT, "subscription_proration_date"), "subscription_proration_date"
    )
    quote: Ref | None = found(("parent", "quote_details", "quote"), "quote")
    billing_reason: str | None = None
    collection_method: str | None = found("collection_method", "billing")
    currency: str | None = None
    subtotal: BigInt | None = None
    total: BigInt | None = None
    total_excluding_tax: BigInt | None = None
    total_taxes: Parts = found("total_taxes", "total_tax_amounts")
    own_taxes: Taxes = found("total_taxes", "total_tax_amounts")
    own_tax: BigInt | None = found("tax")
    amount_due: BigInt | None = None
    amount_paid: BigInt | None = None
    amount_remaining: BigInt | None = None
    amount_overpaid: BigInt | None = None
    starting_balance: BigInt | None = None
    ending_balance: BigInt | None = None
    attempt_count: BigInt | None = None
    attempted: bool | None = None
    next_payment_attempt: Seconds | None = None
    due_date: Seconds | None = None
    period_start: Seconds | None = None
    period_end: Seconds | None = None
    effective_at: Seconds | None = None
    status_transitions: Part = None
    finalized_at: Seconds | None = found(("status_transitions", "finalized_at"), "finalized_at")
    paid_at: Seconds | None = found(("status_transitions", "paid_at"))
    voided_at: Seconds | None = found(("status_transitions", "voided_at"))
    marked_uncollectible_at: Seconds | None = found(
        ("status_transitions", "marked_uncollectible_at")
    )
    own_paid: bool | None = found("paid")
    payments: Listed[Paid] = Listed()
    own_payment_intent: Ref | None = found("payment_intent")
    own_charge: Ref | None = found("charge")
    hosted_invoice_url: str | None = None
    invoice_pdf: str | None = None
    auto_advance: bool | None = None
    last_finalization_error: Part = None
    told_lines: Listed[JSON] = Field(Listed(), validation_alias="lines")
    metadata: Part = None
    created: Seconds | None = found("created", "date")

    @property
    def paid(self) -> bool | None:
        """Return whether the status says so; once a field did."""
        if self.own_paid is None and self.status is not None:
            return self.status == "paid"
        return self.own_paid

    @property
    def tax(self) -> int | None:
        """Return the sum of the taxes; once a field held it."""
        return _sum(self.own_taxes) if self.own_tax is None else self.own_tax

    @property
    def payment_intent(self) -> str | None:
        """Return that of the payment; once a field held it."""
        return self._paid.payment_intent or self.own_payment_intent

    @property
    def charge(self) -> str | None:
        """Return that of the payment; once a field held it."""
        return self._paid.charge or self.own_charge

    @property
    def _paid(self) -> Paid:
        """Return the default payment, or else the first that is told."""
        told = self.payments.told
        return next((paid for paid in told if paid.is_default), told[0] if told else Paid())

    @property
    def lines(self) -> list[JSON] | None:
        """Return the lines that are told."""
        return self.told_lines.data


class InvoicePayment(Paid, Object):
    """https://docs.stripe.com/api/invoice-payment/object."""

    invoice: Ref | None = None
    payment_type: str | None = found(("payment", "type"))
    amount_paid: BigInt | None = None
    amount_requested: BigInt | None = None
    currency: str | None = None
    status: str | None = None
    status_transitions: Part = None
    paid_at: Seconds | None = found(("status_transitions", "paid_at"))
    canceled_at: Seconds | None = found(("status_transitions", "canceled_at"))
    created: Seconds | None = None
