"""Which events Stripe is to send, and its webhook endpoints, in our API version.

https://docs.stripe.com/api/webhook_endpoints.
"""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import stripe

from integrations.endpoints import Endpoint, Endpoints, Keeping
from integrations.stripe.client import asking, client
from integrations.stripe.webhook import SUMMARY
from settings import settings

_AT_MOST = 100  # an account has 16: https://docs.stripe.com/webhooks/go-live


def _of(prefix: str, happened: str) -> list[str]:
    return [f"{prefix}.{name}" for name in happened.split()]


TYPES = {
    "product": _of("product", "created updated deleted"),
    "price": _of("price", "created updated deleted"),
    "customer": _of("customer", "created updated deleted"),
    "payment_method": _of("payment_method", "attached automatically_updated detached updated"),
    "subscription": _of(
        "customer.subscription",
        "created updated deleted paused resumed pending_update_applied pending_update_expired"
        " trial_will_end",
    ),
    # not invoice.upcoming: what it tells of is no invoice yet, and has no id
    "invoice": _of(
        "invoice",
        "created updated deleted finalized finalization_failed marked_uncollectible overdue"
        " overpaid paid payment_action_required payment_attempt_required payment_failed"
        " payment_succeeded sent voided will_be_due",
    ),
    "invoice_payment": _of("invoice_payment", "paid"),
    "payment_intent": _of(
        "payment_intent",
        "amount_capturable_updated canceled created partially_funded payment_failed processing"
        " requires_action succeeded",
    ),
    "charge": _of("charge", "captured expired failed pending refunded succeeded updated"),
    "refund": [*_of("refund", "created failed updated"), "charge.refund.updated"],
    "dispute": _of("charge.dispute", "closed created funds_reinstated funds_withdrawn updated"),
    "checkout.session": _of(
        "checkout.session", "async_payment_failed async_payment_succeeded completed expired"
    ),
    SUMMARY: _of(SUMMARY, "updated"),
}
"""All that tell of what we keep (SDK params/_webhook_endpoint_create_params.py, enabled_events)."""


def listed() -> list[Endpoint]:
    """Return the account's endpoints. Raises as `asking`."""
    with asking():
        found = client().v1.webhook_endpoints.list({"limit": _AT_MOST})
    return [_endpoint(one) for one in found.data]


def make(url: str, types: Sequence[str]) -> Endpoint:
    """Make an endpoint for the account's own events, with its secret. Raises as `asking`.

    Its API version never changes (SDK _webhook_endpoint.py, api_version).
    """
    told: Any = {
        "url": url,
        "enabled_events": list(types),
        "api_version": stripe.api_version,
        "description": "Tallyman",
    }
    with asking():
        return _endpoint(client().v1.webhook_endpoints.create(told))


def mend(endpoint: Endpoint, types: Sequence[str]) -> Endpoint:
    """Have an endpoint send these types, and send at all. Raises as `asking`."""
    told: Any = {"enabled_events": list(types), "disabled": False}
    with asking():
        return _endpoint(client().v1.webhook_endpoints.update(endpoint.id, told))


def _endpoint(found: stripe.WebhookEndpoint) -> Endpoint:
    return Endpoint(
        id=found.id,
        url=found.url,
        enabled=found.status == "enabled",
        types=list(cast("Iterable[str]", found.enabled_events)),
        api_version=found.api_version,
        secret=getattr(found, "secret", None),
    )


def _on() -> bool:
    return bool(settings().stripe.stripe_api_key.get_secret_value())


ENDPOINTS = Endpoints(
    types=TYPES,
    where="Stripe Dashboard > Developers > Webhooks (https://dashboard.stripe.com/webhooks)",
    keeping=Keeping(api_version=stripe.api_version, on=_on, listed=listed, make=make, mend=mend),
)
