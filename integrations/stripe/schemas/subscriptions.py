"""Who subscribes to what, and may use what."""

from datetime import datetime

from integrations.schema import BigInt, Id, Ref, Seconds, Shape, Word
from integrations.stripe.schemas.lists import Listed
from integrations.stripe.schemas.parts import Discounted, Object, Part, found


class ItemPrice(Shape):
    """The price of an item; before prices there were plans, with the same two fields."""

    id: Id
    product: Ref | None = None


class SubscriptionItem(Discounted, Object):
    """https://docs.stripe.com/api/subscription_items/object."""

    told_price: ItemPrice | None = found("price", "plan")
    quantity: BigInt | None = None
    current_period_start: Seconds | None = None
    current_period_end: Seconds | None = None
    metadata: Part = None
    created: Seconds | None = None

    @property
    def price(self) -> str | None:
        """Return the price's id."""
        return self.told_price.id if self.told_price else None

    @property
    def product(self) -> str | None:
        """Return the id of the price's product."""
        return self.told_price.product if self.told_price else None


class Subscription(Discounted, Object):
    """https://docs.stripe.com/api/subscriptions/object.

    The period moved to the items in 2025-03-31.basil
    (docs.stripe.com/changelog/basil/2025-03-31/deprecate-subscription-current-period-start-and-end).
    """

    customer: Ref | None = None
    status: Word | None = None
    status_details: Part = None
    collection_method: str | None = found("collection_method", "billing")
    currency: str | None = found("currency", ("plan", "currency"))
    start_date: Seconds | None = found("start_date", "start")
    billing_cycle_anchor: Seconds | None = None
    billing_mode: Part = None
    billing_mode_type: str | None = found(("billing_mode", "type"))
    own_period_start: Seconds | None = found("current_period_start")
    own_period_end: Seconds | None = found("current_period_end")
    trial_start: Seconds | None = None
    trial_end: Seconds | None = None
    cancel_at_period_end: bool | None = None
    cancel_at: Seconds | None = None
    canceled_at: Seconds | None = None
    cancellation_details: Part = None
    cancellation_reason: str | None = found(("cancellation_details", "reason"))
    cancellation_feedback: str | None = found(("cancellation_details", "feedback"))
    cancellation_comment: str | None = found(("cancellation_details", "comment"))
    ended_at: Seconds | None = None
    pause_collection: Part = None
    latest_invoice: Ref | None = None
    default_payment_method: Ref | None = None
    schedule: Ref | None = None
    pending_update: Part = None
    days_until_due: BigInt | None = None
    test_clock: Ref | None = None
    metadata: Part = None
    created: Seconds | None = None
    items: Listed[SubscriptionItem] = Listed()

    @property
    def current_period_start(self) -> datetime | None:
        """Return the start of the earliest period among the items, else the subscription's own."""
        starts = [i.current_period_start for i in self.items.told if i.current_period_start]
        return min(starts, default=self.own_period_start)

    @property
    def current_period_end(self) -> datetime | None:
        """Return the end of the latest period among the items, else the subscription's own."""
        ends = [i.current_period_end for i in self.items.told if i.current_period_end]
        return max(ends, default=self.own_period_end)


class Entitlement(Object):
    """https://docs.stripe.com/api/entitlements/active-entitlement/object."""

    feature: Ref | None = None
    lookup_key: str | None = None


class EntitlementSummary(Object):
    """SDK entitlements/_active_entitlement_summary.py. `read` gives it its customer's id."""

    entitlements: Listed[Entitlement] = Listed()
