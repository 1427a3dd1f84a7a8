"""The demo's own handlers: one fails once, one fails until what it needs is there."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models.stripe import Product
from integrations.errors import Permanent, Transient
from integrations.interface import Event


def tell_the_crm(_session: Session, event: Event) -> None:
    """Fail at the first attempt, as if somebody else's system were busy."""
    if event.attempt == 1:
        raise Transient("the CRM answered 503")


def check_catalogue(session: Session, event: Event) -> None:
    """Refuse a price whose product is not known yet."""
    product = event.snapshot.object["product"]
    name = select(Product.name).where(Product.id == product)
    if session.execute(name).scalar_one_or_none() is None:
        raise Permanent(f"there is no product {product}")


HANDLERS = {"stripe": {"customer.updated": tell_the_crm, "price.created": check_catalogue}}
