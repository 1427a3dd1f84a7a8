"""What is to be paid, how money comes, and goes back."""

from db.models.stripe import Customer, Subscription
from db.models.stripe_billing import Invoice, InvoicePayment
from db.models.stripe_payments import (
    Charge,
    CheckoutSession,
    Dispute,
    PaymentIntent,
    PaymentMethod,
    Refund,
)
from integrations.interface import Projection, placeholders
from integrations.stripe import schemas
from integrations.stripe.mirrors.row import row


def invoice(i: schemas.Invoice) -> Projection:
    """Project an invoice, and placeholders of who it is for and of what."""
    yield row(Invoice, i, whole=i.told_lines.whole)
    yield from placeholders(Customer, [i.customer])
    yield from placeholders(Subscription, [i.subscription])


def invoice_payment(p: schemas.InvoicePayment) -> Projection:
    """Project a payment of an invoice, and placeholders of what it joins."""
    yield row(InvoicePayment, p)
    yield from placeholders(Invoice, [p.invoice])
    yield from placeholders(PaymentIntent, [p.payment_intent])
    yield from placeholders(Charge, [p.charge])


def payment_method(m: schemas.PaymentMethod) -> Projection:
    """Project a payment method and, if it is attached, a placeholder of its customer."""
    yield row(PaymentMethod, m)
    yield from placeholders(Customer, [m.customer])


def payment_intent(p: schemas.PaymentIntent) -> Projection:
    """Project a payment and a placeholder of its customer."""
    yield row(PaymentIntent, p)
    yield from placeholders(Customer, [p.customer])


def charge(c: schemas.Charge) -> Projection:
    """Project a charge, and placeholders of its customer and of the payment it is for."""
    yield row(Charge, c)
    yield from placeholders(Customer, [c.customer])
    yield from placeholders(PaymentIntent, [c.payment_intent])


def refund(r: schemas.Refund) -> Projection:
    """Project a refund, and placeholders of what it gives back."""
    yield row(Refund, r)
    yield from placeholders(Charge, [r.charge])
    yield from placeholders(PaymentIntent, [r.payment_intent])


def dispute(d: schemas.Dispute) -> Projection:
    """Project a dispute, and placeholders of what is disputed."""
    yield row(Dispute, d)
    yield from placeholders(Charge, [d.charge])
    yield from placeholders(PaymentIntent, [d.payment_intent])


def checkout_session(s: schemas.CheckoutSession) -> Projection:
    """Project a checkout, and placeholders of what came of it."""
    yield row(CheckoutSession, s)
    yield from placeholders(Customer, [s.customer])
    yield from placeholders(Subscription, [s.subscription])
    yield from placeholders(PaymentIntent, [s.payment_intent])
    yield from placeholders(Invoice, [s.invoice])
