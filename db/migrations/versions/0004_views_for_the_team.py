"""The views active_subscriptions and organization_members."""

from alembic import op

from db.base import SCHEMA

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(f"""
        CREATE VIEW {SCHEMA}.active_subscriptions AS
        SELECT s.account, s.livemode, s.id AS subscription, s.status, s.customer,
            c.email AS customer_email, c.name AS customer_name, i.id AS item, i.quantity,
            i.price, p.lookup_key, i.product, d.name AS product_name,
            coalesce(p.currency, s.currency) AS currency, p.unit_amount, p.unit_amount_decimal,
            p.recurring_interval, p.recurring_interval_count,
            coalesce(i.current_period_start, s.current_period_start) AS current_period_start,
            coalesce(i.current_period_end, s.current_period_end) AS current_period_end,
            s.trial_end, s.cancel_at_period_end, s.cancel_at, s.created
        FROM {SCHEMA}.stripe_subscriptions s
        LEFT JOIN {SCHEMA}.stripe_customers c ON (c.account, c.id) = (s.account, s.customer)
        LEFT JOIN {SCHEMA}.stripe_subscription_items i
            ON (i.account, i.subscription) = (s.account, s.id)
        LEFT JOIN {SCHEMA}.stripe_prices p ON (p.account, p.id) = (i.account, i.price)
        LEFT JOIN {SCHEMA}.stripe_products d ON (d.account, d.id) = (i.account, i.product)
        WHERE s.status IN ('active', 'trialing') AND s.deleted_at IS NULL
    """)  # noqa: S608  our own schema
    op.execute(f"""
        CREATE VIEW {SCHEMA}.organization_members AS
        SELECT m.instance_id, m.organization_id, o.name AS organization_name,
            o.slug AS organization_slug, m.user_id, u.external_id, u.primary_email, u.first_name,
            u.last_name, u.username, m.id AS membership_id, m.role, m.role_name, m.permissions,
            m.created_at
        FROM {SCHEMA}.clerk_memberships m
        LEFT JOIN {SCHEMA}.clerk_organizations o ON o.id = m.organization_id
        LEFT JOIN {SCHEMA}.clerk_users u ON u.id = m.user_id
        WHERE m.clock > 0
            AND m.deleted_at IS NULL AND o.deleted_at IS NULL AND u.deleted_at IS NULL
    """)  # noqa: S608  our own schema


def downgrade() -> None:
    op.execute(f"DROP VIEW {SCHEMA}.organization_members")
    op.execute(f"DROP VIEW {SCHEMA}.active_subscriptions")
