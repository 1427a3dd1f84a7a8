"""What Stripe is asked for: each type's list, and how one of it is fetched.

In the order of what needs what: placeholders are few then. Paths are those of the library's
services (SDK _price_service.py and so on); all lists are the newest first.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from integrations.schema import JSON
from integrations.stripe.sync import customers, fetching
from integrations.stripe.sync.answers import Caller
from integrations.stripe.sync.listing import Listing
from integrations.stripe.sync.whole import whole
from integrations.stripe.webhook import SUMMARY
from integrations.syncs import Collection

LeavesOut = Callable[[Mapping[str, object]], bool]
_Passes = Sequence[Mapping[str, Any]]


def _on_a_test_clock(value: Mapping[str, object]) -> bool:
    """Return whether an object lives in a simulated time: lists leave these out.

    SDK params/_customer_list_params.py and _subscription_list_params.py, test_clock.
    """
    return value.get("test_clock") is not None


def _is_inactive(price: Mapping[str, object]) -> bool:
    """Return whether a price is inactive, as all are that were made inside another call.

    No list shows those: SDK _price_service.py, list.
    """
    return price.get("active") is False


def _itself(kind: str, stripe: Caller, value: JSON) -> list[JSON]:
    return [whole(kind, stripe, value)]


def _plain(
    kind: str,
    path: str,
    *,
    passes: _Passes = ({},),
    expand: Sequence[str] = (),
    leaves_out: LeavesOut = lambda _object: False,
) -> Collection:
    """Return the collection of what is listed and fetched at one path."""
    listing = Listing(kind=kind, path=path, passes=passes, inside=partial(_itself, kind))
    fetch = fetching.at(kind, path, expand=expand)
    return Collection(object_type=kind, list=listing.page, fetch=fetch, leaves_out=leaves_out)


# without `active` a list of prices is of the active ones: SDK _price_service.py. Tiers are told
# only to who asks for them: SDK _price.py
_PRICES = tuple({"active": active, "expand": ["data.tiers"]} for active in (True, False))
_METHODS = customers.by_customer(kind="payment_method", inside=customers.payment_methods)

COLLECTIONS = (
    _plain("product", "/v1/products"),
    _plain("price", "/v1/prices", passes=_PRICES, expand=["tiers"], leaves_out=_is_inactive),
    _plain("customer", customers.CUSTOMERS, leaves_out=_on_a_test_clock),
    Collection(
        object_type="payment_method",
        list=_METHODS.page,
        dear=True,
        fetch=fetching.at("payment_method", "/v1/payment_methods"),
        leaves_out=customers.is_detached,
    ),
    # else those that ended are left out: SDK _subscription_service.py, list
    _plain(
        "subscription",
        "/v1/subscriptions",
        passes=({"status": "all"},),
        leaves_out=_on_a_test_clock,
    ),
    _plain("invoice", "/v1/invoices", leaves_out=_on_a_test_clock),
    _plain("invoice_payment", "/v1/invoice_payments"),
    _plain("payment_intent", "/v1/payment_intents"),
    _plain("charge", "/v1/charges"),
    _plain("refund", "/v1/refunds"),
    _plain("dispute", "/v1/disputes"),
    _plain("checkout.session", "/v1/checkout/sessions"),
    Collection(
        object_type=SUMMARY,
        list=customers.entitlements,
        dear=True,
        fetch=customers.fetch_entitlements,
        leaves_out=customers.has_none,
    ),
)
