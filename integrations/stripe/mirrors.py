"""What we keep of Stripe: how each object becomes rows."""

from db.models.stripe import Customer, Price, Product, Subscription, SubscriptionItem
from integrations.interface import Members, Mirror, Projection, Row, placeholders, row
from integrations.stripe import schemas


def customer(c: schemas.Customer) -> Projection:
    """Project a customer."""
    settings = c.invoice_settings
    yield row(
        Customer,
        c,
        email=c.email,
        name=c.name,
        phone=c.phone,
        description=c.description,
        currency=c.currency,
        balance=c.balance,
        delinquent=c.delinquent,
        default_payment_method=settings and settings.default_payment_method,
        metadata=c.metadata,
        created=c.created,
    )


def product(p: schemas.Product) -> Projection:
    """Project a product and, if need be, a placeholder of its default price."""
    yield row(
        Product,
        p,
        name=p.name,
        active=p.active,
        description=p.description,
        default_price=p.default_price,
        unit_label=p.unit_label,
        metadata=p.metadata,
        created=p.created,
        updated=p.updated,
    )
    yield from placeholders(Price, [p.default_price])


def price(p: schemas.Price) -> Projection:
    """Project a price and, if need be, a placeholder of its product."""
    yield row(
        Price,
        p,
        product=p.product,
        active=p.active,
        currency=p.currency,
        type=p.type,
        unit_amount=p.unit_amount,
        unit_amount_decimal=p.unit_amount_decimal,
        billing_scheme=p.billing_scheme,
        recurring_interval=p.recurring and p.recurring.interval,
        recurring_interval_count=p.recurring and p.recurring.interval_count,
        lookup_key=p.lookup_key,
        nickname=p.nickname,
        metadata=p.metadata,
        created=p.created,
    )
    yield from placeholders(Product, [p.product])


def subscription(s: schemas.Subscription) -> Projection:
    """Project a subscription, the set of its items, and placeholders of what these name."""
    yield row(
        Subscription,
        s,
        customer=s.customer,
        status=s.status,
        collection_method=s.collection_method,
        currency=s.currency,
        start_date=s.start_date,
        current_period_start=s.period_start,
        current_period_end=s.period_end,
        trial_start=s.trial_start,
        trial_end=s.trial_end,
        cancel_at_period_end=s.cancel_at_period_end,
        cancel_at=s.cancel_at,
        canceled_at=s.canceled_at,
        ended_at=s.ended_at,
        latest_invoice=s.latest_invoice,
        default_payment_method=s.default_payment_method,
        metadata=s.metadata,
        created=s.created,
    )
    yield Members(SubscriptionItem, "subscription", s.id, [_item(i) for i in s.items.data])
    yield from placeholders(Customer, [s.customer])
    prices = [i.price for i in s.items.data if i.price]
    yield from placeholders(Price, (p.id for p in prices))
    yield from placeholders(Product, (p.product for p in prices))


def _item(i: schemas.SubscriptionItem) -> Row:
    return row(
        SubscriptionItem,
        i,
        price=i.price and i.price.id,
        product=i.price and i.price.product,
        quantity=i.quantity,
        current_period_start=i.current_period_start,
        current_period_end=i.current_period_end,
        metadata=i.metadata,
        created=i.created,
    )


MIRRORS = {
    "customer": Mirror(Customer, schemas.Customer, customer),
    "product": Mirror(Product, schemas.Product, product),
    "price": Mirror(Price, schemas.Price, price),
    "subscription": Mirror(Subscription, schemas.Subscription, subscription),
}
