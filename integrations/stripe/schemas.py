"""What Stripe says: the envelope of an event, and the objects in it, of all API versions."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import AliasChoices, AliasPath, Field

from integrations.schema import JSON, BigInt, Id, Ref, Resource, Seconds, SecondsOrISO, Shape


class Contents(Shape):
    """The `data` of an event."""

    object: JSON = Field(default_factory=dict)


class Envelope(Shape):
    """An event. https://docs.stripe.com/api/events/object.

    Thin events have no `data`, and an ISO time (SDK stripe/v2/core/_event.py).
    """

    id: Id
    type: Id
    created: SecondsOrISO
    account: Id | None = None
    livemode: bool | None = None
    api_version: str | None = None
    data: Contents = Contents()


class InvoiceSettings(Shape):
    """How a customer pays invoices."""

    default_payment_method: Ref | None = None


class Customer(Resource):
    """https://docs.stripe.com/api/customers/object."""

    email: str | None = None
    name: str | None = None
    phone: str | None = None
    description: str | None = None
    currency: str | None = None
    balance: BigInt | None = Field(
        None, validation_alias=AliasChoices("balance", "account_balance")
    )
    delinquent: bool | None = None
    invoice_settings: InvoiceSettings | None = None
    metadata: dict[str, Any] | None = None
    created: Seconds | None = None


class Product(Resource):
    """https://docs.stripe.com/api/products/object."""

    name: str | None = None
    active: bool | None = None
    description: str | None = None
    default_price: Ref | None = None
    unit_label: str | None = None
    metadata: dict[str, Any] | None = None
    created: Seconds | None = None
    updated: Seconds | None = None


class Recurring(Shape):
    """How often a price is charged."""

    interval: str | None = None
    interval_count: BigInt | None = None


class Price(Resource):
    """https://docs.stripe.com/api/prices/object."""

    product: Ref | None = None
    active: bool | None = None
    currency: str | None = None
    type: str | None = None
    unit_amount: BigInt | None = None
    unit_amount_decimal: Decimal | None = None
    billing_scheme: str | None = None
    recurring: Recurring | None = None
    lookup_key: str | None = None
    nickname: str | None = None
    metadata: dict[str, Any] | None = None
    created: Seconds | None = None


class ItemPrice(Shape):
    """The price of an item; before prices there were plans, with the same two fields."""

    id: Id
    product: Ref | None = None


class SubscriptionItem(Resource):
    """https://docs.stripe.com/api/subscription_items/object."""

    price: ItemPrice | None = Field(None, validation_alias=AliasChoices("price", "plan"))
    quantity: BigInt | None = None
    current_period_start: Seconds | None = None
    current_period_end: Seconds | None = None
    metadata: dict[str, Any] | None = None
    created: Seconds | None = None


class Items(Shape):
    """The list of a subscription's items; of more than ten only the first ten are embedded."""

    data: list[SubscriptionItem] = Field(default_factory=list)


class Subscription(Resource):
    """https://docs.stripe.com/api/subscriptions/object.

    The period moved to the items in 2025-03-31.basil
    (docs.stripe.com/changelog/basil/2025-03-31/deprecate-subscription-current-period-start-and-end).
    """

    customer: Ref | None = None
    status: str | None = None
    collection_method: str | None = Field(
        None, validation_alias=AliasChoices("collection_method", "billing")
    )
    currency: str | None = Field(
        None, validation_alias=AliasChoices("currency", AliasPath("plan", "currency"))
    )
    start_date: Seconds | None = Field(None, validation_alias=AliasChoices("start_date", "start"))
    top_period_start: Seconds | None = Field(None, validation_alias="current_period_start")
    top_period_end: Seconds | None = Field(None, validation_alias="current_period_end")
    trial_start: Seconds | None = None
    trial_end: Seconds | None = None
    cancel_at_period_end: bool | None = None
    cancel_at: Seconds | None = None
    canceled_at: Seconds | None = None
    ended_at: Seconds | None = None
    latest_invoice: Ref | None = None
    default_payment_method: Ref | None = None
    metadata: dict[str, Any] | None = None
    created: Seconds | None = None
    items: Items = Items()

    @property
    def period_start(self) -> datetime | None:
        """Return the start of the earliest period among the items, else the subscription's own."""
        starts = [i.current_period_start for i in self.items.data if i.current_period_start]
        return min(starts, default=self.top_period_start)

    @property
    def period_end(self) -> datetime | None:
        """Return the end of the latest period among the items, else the subscription's own."""
        ends = [i.current_period_end for i in self.items.data if i.current_period_end]
        return max(ends, default=self.top_period_end)
