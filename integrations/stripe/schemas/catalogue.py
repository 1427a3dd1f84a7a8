"""Who buys, and what is sold."""

from pydantic import Field

from integrations.schema import BigDecimal, BigInt, Ref, Seconds
from integrations.stripe.schemas.parts import Object, Part, Parts, found


class Customer(Object):
    """https://docs.stripe.com/api/customers/object."""

    email: str | None = Field(None, max_length=512)  # as at Stripe; it is indexed
    name: str | None = None
    phone: str | None = None
    description: str | None = None
    address: Part = None
    shipping: Part = None
    currency: str | None = None
    balance: BigInt | None = found("balance", "account_balance")
    delinquent: bool | None = None
    default_source: Ref | None = None
    invoice_settings: Part = None
    default_payment_method: Ref | None = found(("invoice_settings", "default_payment_method"))
    tax_exempt: str | None = None
    preferred_locales: Parts = None
    business_name: str | None = None
    individual_name: str | None = None
    customer_account: Ref | None = None
    test_clock: Ref | None = None
    metadata: Part = None
    created: Seconds | None = None


class Product(Object):
    """https://docs.stripe.com/api/products/object."""

    name: str | None = None
    active: bool | None = None
    description: str | None = None
    default_price: Ref | None = None
    unit_label: str | None = None
    statement_descriptor: str | None = None
    tax_code: Ref | None = None
    marketing_features: Parts = found("marketing_features", "features")
    images: Parts = None
    url: str | None = None
    metadata: Part = None
    created: Seconds | None = None
    updated: Seconds | None = None


class Price(Object):
    """https://docs.stripe.com/api/prices/object."""

    product: Ref | None = None
    active: bool | None = None
    currency: str | None = None
    type: str | None = None
    unit_amount: BigInt | None = None
    unit_amount_decimal: BigDecimal | None = None
    billing_scheme: str | None = None
    recurring: Part = None
    recurring_interval: str | None = found(("recurring", "interval"))
    recurring_interval_count: BigInt | None = found(("recurring", "interval_count"))
    recurring_usage_type: str | None = found(("recurring", "usage_type"))
    recurring_meter: Ref | None = found(("recurring", "meter"))
    recurring_trial_period_days: BigInt | None = found(("recurring", "trial_period_days"))
    lookup_key: str | None = None
    nickname: str | None = None
    tax_behavior: str | None = None
    tiers_mode: str | None = None
    tiers: Parts = None
    transform_quantity: Part = None
    metadata: Part = None
    created: Seconds | None = None
