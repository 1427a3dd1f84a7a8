"""Who subscribes to what, and may use what."""

from db.models.stripe import Customer, Price, Product, Subscription, SubscriptionItem
from db.models.stripe_entitlements import Entitlement, EntitlementSummary
from integrations.interface import Members, Projection, placeholders
from integrations.stripe import schemas
from integrations.stripe.mirrors.row import row


def subscription(s: schemas.Subscription) -> Projection:
    """Project a subscription, the set of its items, and placeholders of what these name."""
    items = s.items.told
    yield row(Subscription, s, whole=s.items.whole)
    yield Members(SubscriptionItem, "subscription", s.id, [row(SubscriptionItem, i) for i in items])
    yield from placeholders(Customer, [s.customer])
    yield from placeholders(Price, (i.price for i in items))
    yield from placeholders(Product, (i.product for i in items))


def entitlements(s: schemas.EntitlementSummary) -> Projection:
    """Project what a customer may use."""
    members = [row(Entitlement, e) for e in s.entitlements.told]
    yield row(EntitlementSummary, s, whole=s.entitlements.whole)
    yield Members(Entitlement, "customer", s.id, members)
    yield from placeholders(Customer, [s.id])
