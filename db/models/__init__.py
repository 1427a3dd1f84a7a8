"""All tables, so that the metadata is whole wherever one of them is imported."""

from db.models import (
    clerk,
    effects,
    events,
    loops,
    oauth,
    posthog,
    r2,
    stripe,
    stripe_billing,
    stripe_entitlements,
    stripe_payments,
    syncs,
)

__all__ = [
    "clerk",
    "effects",
    "events",
    "loops",
    "oauth",
    "posthog",
    "r2",
    "stripe",
    "stripe_billing",
    "stripe_entitlements",
    "stripe_payments",
    "syncs",
]
