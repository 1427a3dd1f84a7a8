"""What we keep of Stripe: how each object becomes rows.

A placeholder is made of what an object belongs to and cannot be understood without: a charge's
customer, an item's price. None is made of what it points back to, such as a subscription's latest
invoice: that tells of itself when it changes, and every event would write to one more table.
"""

from db.models import stripe, stripe_billing, stripe_entitlements, stripe_payments
from integrations.interface import Mirror
from integrations.stripe import schemas
from integrations.stripe.mirrors import catalogue, payments, subscriptions

MIRRORS = {
    "customer": Mirror(stripe.Customer, schemas.Customer, catalogue.customer),
    "product": Mirror(stripe.Product, schemas.Product, catalogue.product),
    "price": Mirror(stripe.Price, schemas.Price, catalogue.price),
    "subscription": Mirror(stripe.Subscription, schemas.Subscription, subscriptions.subscription),
    "entitlements.active_entitlement_summary": Mirror(
        stripe_entitlements.EntitlementSummary,
        schemas.EntitlementSummary,
        subscriptions.entitlements,
    ),
    "invoice": Mirror(stripe_billing.Invoice, schemas.Invoice, payments.invoice),
    "invoice_payment": Mirror(
        stripe_billing.InvoicePayment, schemas.InvoicePayment, payments.invoice_payment
    ),
    "payment_method": Mirror(
        stripe_payments.PaymentMethod, schemas.PaymentMethod, payments.payment_method
    ),
    "payment_intent": Mirror(
        stripe_payments.PaymentIntent, schemas.PaymentIntent, payments.payment_intent
    ),
    "charge": Mirror(stripe_payments.Charge, schemas.Charge, payments.charge),
    "refund": Mirror(stripe_payments.Refund, schemas.Refund, payments.refund),
    "dispute": Mirror(stripe_payments.Dispute, schemas.Dispute, payments.dispute),
    "checkout.session": Mirror(
        stripe_payments.CheckoutSession, schemas.CheckoutSession, payments.checkout_session
    ),
}
