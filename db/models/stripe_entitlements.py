"""What a customer of Stripe may use."""

from sqlalchemy import PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, WithMembers
from db.models.stripe import StripeMirrored


class EntitlementSummary(WithMembers, StripeMirrored, Base):
    """What a customer may use, as one version (SDK entitlements/_active_entitlement_summary.py).

    It has no id but the customer's. The entitlements themselves are in stripe_entitlements.
    """

    __tablename__ = "stripe_entitlement_summaries"
    __describes__ = "entitlements.active_entitlement_summary"
    id: Mapped[str] = mapped_column(comment="entitlements.active_entitlement_summary.customer")


class Entitlement(StripeMirrored, Base):
    """A feature that a customer may use: its set is replaced as a whole.

    https://docs.stripe.com/api/entitlements/active-entitlement/object.
    """

    __tablename__ = "stripe_entitlements"
    __fetched__ = False
    __table_args__ = (PrimaryKeyConstraint("account", "customer", "id"),)
    __describes__ = "entitlements.active_entitlement"
    customer: Mapped[str] = mapped_column(
        comment="entitlements.active_entitlement_summary.customer"
    )
    id: Mapped[str]
    feature: Mapped[str | None]
    lookup_key: Mapped[str | None]
