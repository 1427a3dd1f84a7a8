"""What we keep of Stripe. Money is in the smallest unit of its currency."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, Numeric, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Mirrored


class StripeMirrored(Mirrored):
    """Stripe's objects are keyed by account too, so that Connect never mixes; '' is one's own."""

    __table_args__: Any = (PrimaryKeyConstraint("account", "id"),)

    account: Mapped[str]
    livemode: Mapped[bool | None]
    api_version: Mapped[str | None]


class Customer(StripeMirrored, Base):
    """A customer. https://docs.stripe.com/api/customers/object."""

    __tablename__ = "stripe_customers"
    id: Mapped[str]
    email: Mapped[str | None] = mapped_column(index=True)
    name: Mapped[str | None]
    phone: Mapped[str | None]
    description: Mapped[str | None]
    currency: Mapped[str | None]
    balance: Mapped[int | None]
    delinquent: Mapped[bool | None]
    default_payment_method: Mapped[str | None]
    metadata_: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    created: Mapped[datetime | None]


class Product(StripeMirrored, Base):
    """A product. https://docs.stripe.com/api/products/object."""

    __tablename__ = "stripe_products"
    id: Mapped[str]
    name: Mapped[str | None]
    active: Mapped[bool | None]
    description: Mapped[str | None]
    default_price: Mapped[str | None]
    unit_label: Mapped[str | None]
    metadata_: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    created: Mapped[datetime | None]
    updated: Mapped[datetime | None]


class Price(StripeMirrored, Base):
    """A price. https://docs.stripe.com/api/prices/object."""

    __tablename__ = "stripe_prices"
    id: Mapped[str]
    product: Mapped[str | None] = mapped_column(index=True)
    active: Mapped[bool | None]
    currency: Mapped[str | None]
    type: Mapped[str | None]
    unit_amount: Mapped[int | None]
    unit_amount_decimal: Mapped[Decimal | None] = mapped_column(Numeric())
    billing_scheme: Mapped[str | None]
    recurring_interval: Mapped[str | None]
    recurring_interval_count: Mapped[int | None]
    lookup_key: Mapped[str | None]
    nickname: Mapped[str | None]
    metadata_: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    created: Mapped[datetime | None]


class Subscription(StripeMirrored, Base):
    """A subscription. https://docs.stripe.com/api/subscriptions/object."""

    __tablename__ = "stripe_subscriptions"
    __table_args__ = (PrimaryKeyConstraint("account", "id"), Index(None, "customer", "status"))
    id: Mapped[str]
    customer: Mapped[str | None]
    status: Mapped[str | None]
    collection_method: Mapped[str | None]
    currency: Mapped[str | None]
    start_date: Mapped[datetime | None]
    current_period_start: Mapped[datetime | None]
    current_period_end: Mapped[datetime | None]
    trial_start: Mapped[datetime | None]
    trial_end: Mapped[datetime | None]
    cancel_at_period_end: Mapped[bool | None]
    cancel_at: Mapped[datetime | None]
    canceled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    latest_invoice: Mapped[str | None]
    default_payment_method: Mapped[str | None]
    metadata_: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    created: Mapped[datetime | None]


class SubscriptionItem(StripeMirrored, Base):
    """An item of a subscription, replaced with its set: the parent is part of the key."""

    __tablename__ = "stripe_subscription_items"
    __table_args__ = (PrimaryKeyConstraint("account", "subscription", "id"),)
    subscription: Mapped[str]
    id: Mapped[str]
    price: Mapped[str | None] = mapped_column(index=True)
    product: Mapped[str | None]
    quantity: Mapped[int | None]
    current_period_start: Mapped[datetime | None]
    current_period_end: Mapped[datetime | None]
    metadata_: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    created: Mapped[datetime | None]
