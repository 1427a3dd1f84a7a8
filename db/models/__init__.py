"""All tables, so that the metadata is whole wherever one of them is imported."""

from db.models import (
    clerk,
    events,
    stripe,
    stripe_billing,
    stripe_entitlements,
    stripe_payments,
)

__all__ = [
    "clerk",
    "events",
    "stripe",
    "stripe_billing",
    "stripe_entitlements",
    "stripe_payments",
]
