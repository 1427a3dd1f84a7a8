"""Stripe's invoices, payments and entitlements, and more of what was there."""

from alembic import op

from db.base import SCHEMA
from db.migrations.mirrors import (
    FLAG,
    MONEY,
    NUMBER,
    PARTS,
    TEXT,
    TIME,
    Columns,
    add,
    add_indexes,
    create,
    fetch_again,
    forget,
    remove,
    remove_indexes,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COMMON: Columns = [(FLAG, "livemode"), (TEXT, "api_version")]
MADE: Columns = [(PARTS, "metadata"), (TIME, "created")]
CARD: Columns = [
    (TEXT, "card_brand card_last4"),
    (NUMBER, "card_exp_month card_exp_year"),
]

TABLES: dict[str, Columns] = {
    "stripe_invoices": [
        (TEXT, "number status customer subscription"),
        (PARTS, "subscription_metadata"),
        (TIME, "subscription_proration_date"),
        (TEXT, "quote billing_reason collection_method currency"),
        (MONEY, "subtotal total total_excluding_tax"),
        (PARTS, "total_taxes"),
        (MONEY, "tax amount_due amount_paid amount_remaining amount_overpaid"),
        (MONEY, "starting_balance ending_balance"),
        (NUMBER, "attempt_count"),
        (FLAG, "attempted"),
        (TIME, "next_payment_attempt due_date period_start period_end effective_at"),
        (TIME, "finalized_at paid_at voided_at marked_uncollectible_at"),
        (FLAG, "paid"),
        (TEXT, "payment_intent charge hosted_invoice_url invoice_pdf"),
        (FLAG, "auto_advance"),
        (PARTS, "last_finalization_error discounts coupons lines"),
        *MADE,
    ],
    "stripe_invoice_payments": [
        (TEXT, "invoice payment_type payment_intent charge"),
        (MONEY, "amount_paid amount_requested"),
        (TEXT, "currency status"),
        (FLAG, "is_default"),
        (TIME, "paid_at canceled_at created"),
    ],
    "stripe_payment_methods": [
        (TEXT, "customer type"),
        *CARD,
        (PARTS, "billing_details"),
        *MADE,
    ],
    "stripe_payment_intents": [
        (MONEY, "amount amount_received amount_capturable"),
        (TEXT, "currency status customer latest_charge payment_method invoice"),
        (TEXT, "capture_method cancellation_reason"),
        (TIME, "canceled_at"),
        (TEXT, "last_payment_error_code last_payment_error_decline_code"),
        (TEXT, "last_payment_error_message setup_future_usage description"),
        *MADE,
    ],
    "stripe_charges": [
        (MONEY, "amount amount_captured amount_refunded"),
        (TEXT, "currency status"),
        (FLAG, "paid captured refunded disputed"),
        (TEXT, "customer payment_intent payment_method invoice payment_method_type"),
        *CARD,
        (TEXT, "failure_code failure_message outcome_type outcome_risk_level outcome_reason"),
        (TEXT, "balance_transaction receipt_url"),
        (PARTS, "billing_details"),
        *MADE,
    ],
    "stripe_refunds": [
        (TEXT, "charge payment_intent"),
        (MONEY, "amount"),
        (TEXT, "currency status reason failure_reason pending_reason balance_transaction"),
        *MADE,
    ],
    "stripe_disputes": [
        (TEXT, "charge payment_intent"),
        (MONEY, "amount"),
        (TEXT, "currency status reason network_reason_code"),
        (FLAG, "is_charge_refundable"),
        (TIME, "evidence_due_by"),
        (PARTS, "balance_transactions"),
        *MADE,
    ],
    "stripe_checkout_sessions": [
        (TEXT, "mode status payment_status customer customer_email client_reference_id"),
        (TEXT, "subscription payment_intent invoice setup_intent payment_link"),
        (MONEY, "amount_subtotal amount_total"),
        (TEXT, "currency"),
        (TIME, "expires_at"),
        (TEXT, "url ui_mode recovered_from"),
        (PARTS, "shipping_details"),
        *MADE,
    ],
    "stripe_entitlement_summaries": [(TEXT, "members_version")],
    "stripe_entitlements": [(TEXT, "feature lookup_key")],
}
KEYS = {"stripe_entitlements": ("account", "customer", "id")}
MORE: dict[str, Columns] = {
    "stripe_customers": [
        (PARTS, "address shipping preferred_locales"),
        (TEXT, "default_source tax_exempt business_name individual_name"),
        (TEXT, "customer_account test_clock"),
    ],
    "stripe_products": [
        (TEXT, "statement_descriptor tax_code url"),
        (PARTS, "marketing_features images"),
    ],
    "stripe_prices": [
        (TEXT, "recurring_usage_type recurring_meter tax_behavior tiers_mode"),
        (NUMBER, "recurring_trial_period_days"),
        (PARTS, "tiers transform_quantity"),
    ],
    "stripe_subscriptions": [
        (PARTS, "status_details pause_collection discounts coupons pending_update"),
        (TIME, "billing_cycle_anchor"),
        (TEXT, "billing_mode_type cancellation_reason cancellation_feedback"),
        (TEXT, "cancellation_comment schedule test_clock members_version"),
        (NUMBER, "days_until_due"),
    ],
    "stripe_subscription_items": [(PARTS, "discounts")],
}
INDEXES = (
    ("stripe_invoices", ("customer", "status")),
    ("stripe_invoices", ("subscription",)),
    ("stripe_invoice_payments", ("invoice",)),
    ("stripe_invoice_payments", ("payment_intent",)),
    ("stripe_payment_methods", ("customer",)),
    ("stripe_payment_intents", ("customer",)),
    ("stripe_charges", ("customer",)),
    ("stripe_charges", ("payment_intent",)),
    ("stripe_refunds", ("charge",)),
    ("stripe_disputes", ("charge",)),
    ("stripe_checkout_sessions", ("customer",)),
    ("stripe_checkout_sessions", ("client_reference_id",)),
)


STOOD = ("stripe_customers", "stripe_products", "stripe_prices", "stripe_subscriptions")


def _name_members() -> None:
    """Say of the items that stand which version's they are, as worker/rows.py writes it.

    Only what says so was told as a whole.
    """
    op.execute(f"""
        UPDATE {SCHEMA}.stripe_subscriptions SET members_version = concat_ws(' ',
            CASE WHEN jsonb_typeof(data #> '{{items,data}}') = 'array'
                AND coalesce(data #> '{{items,has_more}}', 'false') = 'false' THEN 1 ELSE 0 END,
            lpad(clock::text, 19, '0'),
            lpad((content_hash + 9223372036854775808)::text, 20, '0'),
            last_event_id)
        WHERE clock > 0
    """)  # noqa: S608  our own schema


def upgrade() -> None:
    for table, listed in TABLES.items():
        create(table, KEYS.get(table, ("account", "id")), [*listed, *COMMON])
    add_indexes(INDEXES)
    for table, listed in MORE.items():
        add(table, listed)
    _name_members()
    for table in STOOD:  # items come with their subscription
        fetch_again(table)
    forget("client_secret", *STOOD, "stripe_subscription_items")


def downgrade() -> None:
    for table, listed in MORE.items():
        remove(table, listed)
    remove_indexes(INDEXES)
    for table in TABLES:
        op.drop_table(table, schema=SCHEMA)
