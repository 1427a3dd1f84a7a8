"""Who a customer of Stripe is: the Clerk user behind it, by one rule."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models.clerk import User
from db.models.stripe import Customer
from db.models.stripe_payments import CheckoutSession
from integrations.errors import Deferred
from settings import settings

USER_ID = "user_id"
"""The key in the customer's metadata, written by who made the customer."""
_LOOK_AGAIN = 900.0  # seconds


def person(session: Session, customer: str, account: str = "") -> str:
    """Return the user's id at Clerk, never the customer's own. Raises Deferred while unknown.

    The customer's metadata say it, else the newest checkout's client_reference_id, else, with
    IDENTIFY_BY_EMAIL, the one user who has shown that the customer's e-mail address is theirs.
    """
    found = (
        _by_metadata(session, customer, account)
        or _by_checkout(session, customer, account)
        or (_by_email(session, customer, account) if _by_email_too() else None)
    )
    if found is None:
        raise Deferred(_why(), wait=_LOOK_AGAIN)
    return found


def _by_email_too() -> bool:
    return settings().effects.identify_by_email


def _why() -> str:
    also = ", and no one user has verified its e-mail address" if _by_email_too() else ""
    return (
        f"it is not known who the customer is: no metadata.{USER_ID}, "
        f"no checkout with a client_reference_id{also}"
    )


def _by_metadata(session: Session, customer: str, account: str) -> str | None:
    query = select(Customer.metadata_[USER_ID].astext).where(
        Customer.account == account, Customer.id == customer
    )
    return _user_id(session.scalar(query))


def _by_checkout(session: Session, customer: str, account: str) -> str | None:
    c = CheckoutSession
    query = (
        select(c.client_reference_id)
        .where(c.account == account, c.customer == customer, c.client_reference_id.is_not(None))
        .order_by(c.created.desc().nulls_last(), c.id)
        .limit(1)
    )
    return _user_id(session.scalar(query))


def _by_email(session: Session, customer: str, account: str) -> str | None:
    """Return the only user with the customer's address; None if there are several."""
    query = (
        select(User.id)
        .join(Customer, User.primary_email.in_([Customer.email, func.lower(Customer.email)]))
        .where(Customer.account == account, Customer.id == customer)
        .where(User.primary_email_verified.is_(True), User.deleted_at.is_(None))
        .limit(2)
    )
    users = session.scalars(query).all()
    return users[0] if len(users) == 1 else None


def _user_id(found: str | None) -> str | None:
    """Return the id, None where there is none or it is another customer's."""
    return found if found and not found.startswith("cus_") else None
