"""What we keep of Stripe: the catalogue, and who subscribes to what.

Money is in the smallest unit of its currency.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import Index, Numeric, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Mirrored, WithMembers


class StripeMirrored(Mirrored):
    """Stripe's objects are keyed by account too, so that Connect never mixes; '' is one's own."""

    __fetched__: ClassVar[bool] = True
    __table_args__: Any = (PrimaryKeyConstraint("account", "id"),)

    account: Mapped[str] = mapped_column(comment="event.account; '' is one's own")
    livemode: Mapped[bool | None] = mapped_column(comment="event.livemode")
    api_version: Mapped[str | None] = mapped_column(
        comment="event.api_version: whose shape `data` has"
    )


class Customer(StripeMirrored, Base):
    """A customer. https://docs.stripe.com/api/customers/object."""

    __tablename__ = "stripe_customers"
    id: Mapped[str]
    email: Mapped[str | None] = mapped_column(index=True)
    name: Mapped[str | None]
    phone: Mapped[str | None]
    description: Mapped[str | None]
    address: Mapped[dict[str, Any] | None]
    shipping: Mapped[dict[str, Any] | None]
    currency: Mapped[str | None]
    balance: Mapped[int | None] = mapped_column(comment="customer.balance, once account_balance")
    delinquent: Mapped[bool | None]
    default_source: Mapped[str | None]
    default_payment_method: Mapped[str | None] = mapped_column(
        comment="customer.invoice_settings.default_payment_method"
    )
    tax_exempt: Mapped[str | None]
    preferred_locales: Mapped[list[Any] | None]
    business_name: Mapped[str | None]
    individual_name: Mapped[str | None]
    customer_account: Mapped[str | None]
    test_clock: Mapped[str | None]
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
    statement_descriptor: Mapped[str | None]
    tax_code: Mapped[str | None]
    marketing_features: Mapped[list[Any] | None] = mapped_column(
        comment="product.marketing_features, once features"
    )
    images: Mapped[list[Any] | None]
    url: Mapped[str | None]
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
    recurring_interval: Mapped[str | None] = mapped_column(comment="price.recurring.interval")
    recurring_interval_count: Mapped[int | None] = mapped_column(
        comment="price.recurring.interval_count"
    )
    recurring_usage_type: Mapped[str | None] = mapped_column(comment="price.recurring.usage_type")
    recurring_meter: Mapped[str | None] = mapped_column(comment="price.recurring.meter")
    recurring_trial_period_days: Mapped[int | None] = mapped_column(
        comment="price.recurring.trial_period_days"
    )
    lookup_key: Mapped[str | None]
    nickname: Mapped[str | None]
    tax_behavior: Mapped[str | None]
    tiers_mode: Mapped[str | None]
    tiers: Mapped[list[Any] | None]
    transform_quantity: Mapped[dict[str, Any] | None]
    metadata_: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    created: Mapped[datetime | None]


class Subscription(WithMembers, StripeMirrored, Base):
    """A subscription. https://docs.stripe.com/api/subscriptions/object."""

    __tablename__ = "stripe_subscriptions"
    __table_args__ = (PrimaryKeyConstraint("account", "id"), Index(None, "customer", "status"))
    id: Mapped[str]
    customer: Mapped[str | None]
    status: Mapped[str | None]
    status_details: Mapped[dict[str, Any] | None]
    collection_method: Mapped[str | None] = mapped_column(
        comment="subscription.collection_method, once billing"
    )
    currency: Mapped[str | None] = mapped_column(
        comment="subscription.currency, once only plan.currency"
    )
    start_date: Mapped[datetime | None] = mapped_column(
        comment="subscription.start_date, once start"
    )
    billing_cycle_anchor: Mapped[datetime | None]
    billing_mode_type: Mapped[str | None] = mapped_column(comment="subscription.billing_mode.type")
    current_period_start: Mapped[datetime | None] = mapped_column(
        comment="subscription.items.data[].current_period_start, the earliest; once its own"
    )
    current_period_end: Mapped[datetime | None] = mapped_column(
        comment="subscription.items.data[].current_period_end, the latest; once its own"
    )
    trial_start: Mapped[datetime | None]
    trial_end: Mapped[datetime | None]
    cancel_at_period_end: Mapped[bool | None]
    cancel_at: Mapped[datetime | None]
    canceled_at: Mapped[datetime | None]
    cancellation_reason: Mapped[str | None] = mapped_column(
        comment="subscription.cancellation_details.reason"
    )
    cancellation_feedback: Mapped[str | None] = mapped_column(
        comment="subscription.cancellation_details.feedback"
    )
    cancellation_comment: Mapped[str | None] = mapped_column(
        comment="subscription.cancellation_details.comment"
    )
    ended_at: Mapped[datetime | None]
    pause_collection: Mapped[dict[str, Any] | None]
    latest_invoice: Mapped[str | None]
    default_payment_method: Mapped[str | None]
    schedule: Mapped[str | None]
    discounts: Mapped[list[Any] | None] = mapped_column(
        comment="subscription.discounts, once one discount; ids or objects, as told"
    )
    coupons: Mapped[list[Any] | None] = mapped_column(
        comment="subscription.discounts[].source.coupon, once discount.coupon: the ids, if told"
    )
    pending_update: Mapped[dict[str, Any] | None]
    days_until_due: Mapped[int | None]
    test_clock: Mapped[str | None]
    metadata_: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    created: Mapped[datetime | None]


class SubscriptionItem(StripeMirrored, Base):
    """An item of a subscription, replaced with its set: the parent is part of the key."""

    __tablename__ = "stripe_subscription_items"
    __fetched__ = False
    __table_args__ = (PrimaryKeyConstraint("account", "subscription", "id"),)
    subscription: Mapped[str]
    id: Mapped[str]
    price: Mapped[str | None] = mapped_column(
        index=True, comment="subscription_item.price.id, once plan.id"
    )
    product: Mapped[str | None] = mapped_column(
        comment="subscription_item.price.product, once plan.product"
    )
    quantity: Mapped[int | None]
    current_period_start: Mapped[datetime | None]
    current_period_end: Mapped[datetime | None]
    discounts: Mapped[list[Any] | None] = mapped_column(
        comment="subscription_item.discounts: ids or objects, as told"
    )
    metadata_: Mapped[dict[str, Any] | None] = mapped_column("metadata")
    created: Mapped[datetime | None]
