"""What Stripe lists by customer only: payment methods, and what a customer may use.

A list of payment methods without a customer is of those for Treasury
(https://docs.stripe.com/api/payment_methods/list), and one of entitlements cannot be had (SDK
params/entitlements/_active_entitlement_list_params.py). So what belongs to a customer who is
deleted is not listed.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from urllib.parse import quote

from integrations.interface import Snapshot
from integrations.schema import JSON
from integrations.stripe.sync.answers import Caller, Missing
from integrations.stripe.sync.listing import CALLS, Listing
from integrations.stripe.sync.snapshots import gone, snapshot
from integrations.stripe.webhook import SUMMARY
from integrations.syncs import FETCH, Page

CUSTOMERS = "/v1/customers"
FEATURES = "/v1/entitlements/features"
ACTIVE = "/v1/entitlements/active_entitlements"


def payment_methods(stripe: Caller, customer: JSON) -> list[JSON]:
    """Return a customer's payment methods."""
    return stripe.all(f"{CUSTOMERS}/{quote(customer['id'], safe='')}/payment_methods")


def is_detached(method: Mapping[str, object]) -> bool:
    """Return whether a payment method has no customer: it can be fetched, but no list shows it."""
    return method.get("customer") is None


def _summaries(stripe: Caller, customer: JSON) -> Iterator[JSON]:
    """Yield a customer's summary, if there is something in it."""
    if members := stripe.all(ACTIVE, customer=customer["id"]):
        yield _summary(customer["id"], customer.get("livemode"), members)


def _summary(id: str, livemode: object, members: list[JSON]) -> JSON:
    """Return what an event would tell: SDK entitlements/_active_entitlement_summary.py."""
    path = f"{CUSTOMERS}/{id}/entitlements"
    listed = {"object": "list", "data": members, "has_more": False, "url": path}
    mode = {"livemode": livemode} if isinstance(livemode, bool) else {}
    return {"object": SUMMARY, "id": id, "customer": id, "entitlements": listed, **mode}


by_customer = partial(Listing, path=CUSTOMERS, at_once=CALLS - 1)
"""What makes a listing of what is asked for customer by customer, a call for each at least."""
_SUMMARIES = by_customer(kind=SUMMARY, inside=_summaries)


def entitlements(account: str, cursor: str | None) -> Page:
    """Return the page behind a cursor; no customer is asked for where there are no features."""
    if cursor is None:
        features = Caller(account).ask(FEATURES, limit=1)
        if not features.told.data:
            return Page((), None, features.begun)
    return _SUMMARIES.page(account, cursor)


def has_none(summary: Mapping[str, object]) -> bool:
    """Return whether a customer may use nothing: of such there is no summary in the listing."""
    listed = summary.get("entitlements")
    return not (isinstance(listed, dict) and listed.get("data"))


def fetch_entitlements(account: str, id: str) -> Snapshot:
    """Return a customer's summary, be it empty. Raises as `Caller.ask`, but not Missing."""
    stripe = Caller(account)
    try:
        answer = stripe.ask(f"{CUSTOMERS}/{quote(id, safe='')}")
        members = [] if answer.value.get("deleted") else stripe.all(ACTIVE, customer=id)
    except Missing as missing:
        return gone(SUMMARY, id, missing, account)
    summary = _summary(id, answer.value.get("livemode"), members)
    return snapshot(SUMMARY, summary, answer, FETCH, account)
