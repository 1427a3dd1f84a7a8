"""What each column of each table must hold, written by hand after the services' references."""

from rehearsal.derived import accounts, coupons, email, items, paid_by, period, phone, tax, verified
from rehearsal.fields import Table

_CLIENT = frozenset({"client_secret"})
_COMMON_CLERK = "public_metadata created_at@ms updated_at@ms"

TABLES = {
    "stripe_customers": Table(
        "stripe",
        "customer",
        "email name phone description address shipping currency balance delinquent default_source"
        " default_payment_method<invoice_settings.default_payment_method tax_exempt"
        " preferred_locales business_name individual_name customer_account test_clock metadata"
        " created@s",
    ),
    "stripe_products": Table(
        "stripe",
        "product",
        "name active description default_price unit_label statement_descriptor tax_code"
        " marketing_features images url metadata created@s updated@s",
    ),
    "stripe_prices": Table(
        "stripe",
        "price",
        "product active currency type unit_amount unit_amount_decimal@d billing_scheme"
        " recurring_interval<recurring.interval recurring_usage_type<recurring.usage_type"
        " recurring_interval_count<recurring.interval_count recurring_meter<recurring.meter"
        " recurring_trial_period_days<recurring.trial_period_days lookup_key nickname tax_behavior"
        " tiers_mode tiers transform_quantity metadata created@s",
    ),
    "stripe_subscriptions": Table(
        "stripe",
        "subscription",
        "customer status status_details collection_method currency start_date@s"
        " billing_cycle_anchor@s billing_mode_type<billing_mode.type trial_start@s trial_end@s"
        " cancel_at_period_end cancel_at@s canceled_at@s"
        " cancellation_reason<cancellation_details.reason"
        " cancellation_feedback<cancellation_details.feedback"
        " cancellation_comment<cancellation_details.comment ended_at@s pause_collection"
        " latest_invoice default_payment_method schedule discounts pending_update days_until_due"
        " test_clock metadata created@s",
        {
            "current_period_start": period("current_period_start", min),
            "current_period_end": period("current_period_end", max),
            "coupons": coupons,
        },
    ),
    "stripe_subscription_items": Table(
        "stripe",
        "subscription",
        "subscription price<price.id product<price.product quantity current_period_start@s"
        " current_period_end@s discounts metadata created@s",
        rows=items,
        key=("subscription", "id"),
    ),
    "stripe_invoices": Table(
        "stripe",
        "invoice",
        "number status customer subscription<parent.subscription_details.subscription"
        " subscription_metadata<parent.subscription_details.metadata"
        " subscription_proration_date<parent.subscription_details.subscription_proration_date@s"
        " quote<parent.quote_details.quote billing_reason collection_method currency subtotal total"
        " total_excluding_tax total_taxes amount_due amount_paid amount_remaining amount_overpaid"
        " starting_balance ending_balance attempt_count attempted next_payment_attempt@s due_date@s"
        " period_start@s period_end@s effective_at@s"
        " finalized_at<status_transitions.finalized_at@s paid_at<status_transitions.paid_at@s"
        " voided_at<status_transitions.voided_at@s"
        " marked_uncollectible_at<status_transitions.marked_uncollectible_at@s hosted_invoice_url"
        " invoice_pdf auto_advance last_finalization_error discounts lines<lines.data metadata"
        " created@s",
        {
            "tax": tax,
            "coupons": coupons,
            "paid": lambda invoice: invoice["status"] == "paid",
            "payment_intent": paid_by("payment_intent"),
            "charge": paid_by("charge"),
        },
    ),
    "stripe_invoice_payments": Table(
        "stripe",
        "invoice_payment",
        "invoice payment_type<payment.type payment_intent<payment.payment_intent"
        " charge<payment.charge amount_paid amount_requested currency status is_default"
        " paid_at<status_transitions.paid_at@s canceled_at<status_transitions.canceled_at@s"
        " created@s",
    ),
    "stripe_payment_methods": Table(
        "stripe",
        "payment_method",
        "customer type card_brand<card.brand card_last4<card.last4 card_exp_month<card.exp_month"
        " card_exp_year<card.exp_year billing_details metadata created@s",
    ),
    "stripe_payment_intents": Table(
        "stripe",
        "payment_intent",
        "amount amount_received amount_capturable currency status customer latest_charge"
        " payment_method invoice capture_method cancellation_reason canceled_at@s"
        " last_payment_error_code<last_payment_error.code"
        " last_payment_error_decline_code<last_payment_error.decline_code"
        " last_payment_error_message<last_payment_error.message setup_future_usage description"
        " metadata created@s",
        secret=_CLIENT,
    ),
    "stripe_charges": Table(
        "stripe",
        "charge",
        "amount amount_captured amount_refunded currency status paid captured refunded disputed"
        " customer payment_intent payment_method invoice"
        " payment_method_type<payment_method_details.type"
        " card_brand<payment_method_details.card.brand"
        " card_last4<payment_method_details.card.last4"
        " card_exp_month<payment_method_details.card.exp_month"
        " card_exp_year<payment_method_details.card.exp_year failure_code failure_message"
        " outcome_type<outcome.type outcome_risk_level<outcome.risk_level"
        " outcome_reason<outcome.reason balance_transaction receipt_url billing_details metadata"
        " created@s",
    ),
    "stripe_refunds": Table(
        "stripe",
        "refund",
        "charge payment_intent amount currency status reason failure_reason pending_reason"
        " balance_transaction metadata created@s",
    ),
    "stripe_disputes": Table(
        "stripe",
        "dispute",
        "charge payment_intent amount currency status reason network_reason_code"
        " is_charge_refundable evidence_due_by<evidence_details.due_by@s balance_transactions"
        " metadata created@s",
    ),
    "stripe_checkout_sessions": Table(
        "stripe",
        "checkout.session",
        "mode status payment_status customer customer_email<customer_details.email"
        " client_reference_id subscription payment_intent invoice setup_intent payment_link"
        " amount_subtotal amount_total currency expires_at@s url ui_mode recovered_from"
        " shipping_details<collected_information.shipping_details metadata created@s",
        secret=_CLIENT,
    ),
    "clerk_users": Table(
        "clerk",
        "user",
        "external_id username first_name last_name image_url has_image locale banned locked"
        " deprovisioned password_enabled two_factor_enabled totp_enabled last_sign_in_at@ms"
        f" last_active_at@ms legal_accepted_at@ms {_COMMON_CLERK}",
        {
            "primary_email": email,
            "primary_email_verified": verified,
            "primary_phone": phone,
            "external_accounts": accounts,
        },
    ),
    "clerk_organizations": Table(
        "clerk",
        "organization",
        "name slug image_url created_by members_count pending_invitations_count"
        " max_allowed_memberships admin_delete_enabled role_set_key last_active_at@ms"
        f" {_COMMON_CLERK}",
    ),
    "clerk_memberships": Table(
        "clerk",
        "organization_membership",
        "organization_id<organization.id user_id<public_user_data.user_id role role_name"
        f" permissions {_COMMON_CLERK}",
    ),
    "clerk_invitations": Table(
        "clerk",
        "organization_invitation",
        f"email_address role organization_id inviter_id status expires_at@ms {_COMMON_CLERK}",
        secret=frozenset({"url"}),
    ),
}
