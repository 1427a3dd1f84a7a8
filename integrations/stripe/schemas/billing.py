"""What is to be paid, and how it was."""

from pydantic import Field

from integrations.schema import JSON, BigInt, Ref, Seconds, Shape
from integrations.stripe.schemas.parts import Discounted, Object, Part, Parts, found

_PARENT = ("parent", "subscription_details")
_PAYMENT = ("payments", "data", 0, "payment")


class Lines(Shape):
    """The list of an invoice's lines; of more than ten only the first ten are embedded."""

    data: list[JSON] = Field(default_factory=list)
    has_more: bool = False


class Invoice(Discounted, Object):
    """https://docs.stripe.com/api/invoices/object.

    What it is for moved into `parent`, how it was paid into its payments, and its taxes into one
    list in 2025-03-31.basil
    (docs.stripe.com/changelog/basil/2025-03-31/adds-new-parent-field-to-invoicing-objects).
    """

    number: str | None = None
    status: str | None = None
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
    payment_intent: Ref | None = found((*_PAYMENT, "payment_intent"), "payment_intent")
    charge: Ref | None = found((*_PAYMENT, "charge"), "charge")
    hosted_invoice_url: str | None = None
    invoice_pdf: str | None = None
    auto_advance: bool | None = None
    last_finalization_error: Part = None
    told_lines: Lines | None = found("lines")
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
        if self.own_tax is not None or self.total_taxes is None:
            return self.own_tax
        amounts = (tax.get("amount") for tax in self.total_taxes if isinstance(tax, dict))
        return sum(amount for amount in amounts if isinstance(amount, int))

    @property
    def lines(self) -> list[JSON] | None:
        """Return the lines that are told."""
        return self.told_lines.data if self.told_lines else None


class InvoicePayment(Object):
    """https://docs.stripe.com/api/invoice-payment/object."""

    invoice: Ref | None = None
    payment: Part = None
    payment_type: str | None = found(("payment", "type"))
    payment_intent: Ref | None = found(("payment", "payment_intent"))
    charge: Ref | None = found(("payment", "charge"))
    amount_paid: BigInt | None = None
    amount_requested: BigInt | None = None
    currency: str | None = None
    status: str | None = None
    is_default: bool | None = None
    status_transitions: Part = None
    paid_at: Seconds | None = found(("status_transitions", "paid_at"))
    canceled_at: Seconds | None = found(("status_transitions", "canceled_at"))
    created: Seconds | None = None
