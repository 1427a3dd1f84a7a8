"""The views that people would write themselves: what is in them, and what for.

Their queries stand in the migrations that made them. A migration that changes a column which one
of them reads drops the view first and makes it again.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, MetaData, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from db.base import SCHEMA

VIEWS = MetaData(schema=SCHEMA)

_TIME = DateTime(timezone=True)


def _view(name: str, comment: str, *columns: tuple[str, TypeEngine[Any], str]) -> Table:
    made = (Column(column, type_, comment=says) for column, type_, says in columns)
    return Table(name, VIEWS, *made, comment=comment)


ACTIVE_SUBSCRIPTIONS = _view(
    "active_subscriptions",
    "What customers pay for now: a row for each item of each subscription whose status is active "
    "or trialing, with its customer and its price. A subscription without items has one row.",
    ("account", Text(), "Whose Stripe account it is; '' is one's own"),
    ("livemode", Boolean(), "False in test mode"),
    ("subscription", Text(), "stripe_subscriptions.id"),
    ("status", Text(), "active or trialing"),
    ("customer", Text(), "stripe_customers.id"),
    ("customer_email", Text(), "stripe_customers.email"),
    ("customer_name", Text(), "stripe_customers.name"),
    ("item", Text(), "stripe_subscription_items.id"),
    ("quantity", BigInteger(), "stripe_subscription_items.quantity"),
    ("price", Text(), "stripe_prices.id"),
    ("lookup_key", Text(), "stripe_prices.lookup_key"),
    ("product", Text(), "stripe_products.id"),
    ("product_name", Text(), "stripe_products.name"),
    ("currency", Text(), "stripe_prices.currency"),
    ("unit_amount", BigInteger(), "stripe_prices.unit_amount, in the currency's smallest unit"),
    ("unit_amount_decimal", Numeric(), "The same, with fractions of it"),
    ("recurring_interval", Text(), "stripe_prices.recurring_interval"),
    ("recurring_interval_count", BigInteger(), "stripe_prices.recurring_interval_count"),
    ("current_period_start", _TIME, "Of the item; before 2025-03-31, of the subscription"),
    ("current_period_end", _TIME, "Of the item; before 2025-03-31, of the subscription"),
    ("trial_end", _TIME, "stripe_subscriptions.trial_end"),
    ("cancel_at_period_end", Boolean(), "stripe_subscriptions.cancel_at_period_end"),
    ("cancel_at", _TIME, "stripe_subscriptions.cancel_at"),
    ("created", _TIME, "stripe_subscriptions.created"),
)

ORGANIZATION_MEMBERS = _view(
    "organization_members",
    "Who belongs to which organization: a row for each membership of which neither itself nor its "
    "organization nor its user was deleted.",
    ("instance_id", Text(), "clerk_memberships.instance_id"),
    ("organization_id", Text(), "clerk_organizations.id"),
    ("organization_name", Text(), "clerk_organizations.name"),
    ("organization_slug", Text(), "clerk_organizations.slug"),
    ("user_id", Text(), "clerk_users.id"),
    ("external_id", Text(), "clerk_users.external_id"),
    ("primary_email", Text(), "clerk_users.primary_email"),
    ("first_name", Text(), "clerk_users.first_name"),
    ("last_name", Text(), "clerk_users.last_name"),
    ("username", Text(), "clerk_users.username"),
    ("membership_id", Text(), "clerk_memberships.id"),
    ("role", Text(), "clerk_memberships.role, such as org:admin"),
    ("role_name", Text(), "clerk_memberships.role_name"),
    ("permissions", JSONB(), "clerk_memberships.permissions"),
    ("created_at", _TIME, "clerk_memberships.created_at"),
)
