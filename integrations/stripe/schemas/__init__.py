"""What Stripe says: the envelope of an event, and the objects in it, of all API versions."""

from integrations.stripe.schemas.billing import Invoice, InvoicePayment
from integrations.stripe.schemas.catalogue import Customer, Price, Product
from integrations.stripe.schemas.envelope import Envelope, Times
from integrations.stripe.schemas.payments import (
    Charge,
    CheckoutSession,
    Dispute,
    PaymentIntent,
    PaymentMethod,
    Refund,
)
from integrations.stripe.schemas.subscriptions import (
    Entitlement,
    EntitlementSummary,
    Subscription,
    SubscriptionItem,
)

__all__ = [
    "Charge",
    "CheckoutSession",
    "Customer",
    "Dispute",
    "Entitlement",
    "EntitlementSummary",
    "Envelope",
    "Invoice",
    "InvoicePayment",
    "PaymentIntent",
    "PaymentMethod",
    "Price",
    "Product",
    "Refund",
    "Subscription",
    "SubscriptionItem",
    "Times",
]
