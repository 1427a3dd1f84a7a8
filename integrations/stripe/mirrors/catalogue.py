"""Who buys, and what is sold."""

from db.models.stripe import Customer, Price, Product
from integrations.interface import Projection, placeholders
from integrations.stripe import schemas
from integrations.stripe.mirrors.row import row


def customer(c: schemas.Customer) -> Projection:
    """Project a customer."""
    yield row(Customer, c)


def product(p: schemas.Product) -> Projection:
    """Project a product and, if need be, a placeholder of its default price."""
    yield row(Product, p)
    yield from placeholders(Price, [p.default_price])


def price(p: schemas.Price) -> Projection:
    """Project a price and, if need be, a placeholder of its product.

    No event tells tiers: they are fetched (SDK _price.py, tiers).
    """
    yield row(Price, p, whole=p.tiers is not None or p.billing_scheme != "tiered")
    yield from placeholders(Product, [p.product])
