"""The simulator's objects against what the libraries declare and what others recorded."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import stripe
from clerk_backend_api import models
from stripe import checkout, entitlements

from simulator.clerk_lives import LIVES as CLERK
from simulator.stripe_lives import LIVES as STRIPE
from simulator.stripe_payment_lives import as_sent
from tests.simulator.conftest import NOW

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is absent")

CLASSES = {
    "charge": stripe.Charge,
    "checkout.session": checkout.Session,
    "customer": stripe.Customer,
    "dispute": stripe.Dispute,
    "entitlements.active_entitlement": entitlements.ActiveEntitlement,
    "entitlements.active_entitlement_summary": entitlements.ActiveEntitlementSummary,
    "invoice": stripe.Invoice,
    "invoice_payment": stripe.InvoicePayment,
    "line_item": stripe.InvoiceLineItem,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "price": stripe.Price,
    "product": stripe.Product,
    "refund": stripe.Refund,
    "subscription": stripe.Subscription,
    "subscription_item": stripe.SubscriptionItem,
}
MODELS = {
    "user": models.User,
    "organization": models.Organization,
    "organization_membership": models.OrganizationMembership,
    "organization_invitation": models.OrganizationInvitation,
}


def versions(life, at=NOW):
    """Return the object as it was made, and after each of its changes."""
    made = as_sent(life.made(at))
    return [made, *(as_sent(change.to(life.made(at))) for change in life.changes)]


def objects(value):
    """Yield every object in a JSON that says what it is."""
    if isinstance(value, dict):
        if isinstance(value.get("object"), str):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from objects(inner)


@cache
def recorded():
    """Return the fields that others recorded, by type."""
    found: dict[str, set[str]] = {}
    for path in CORPUS.glob("*/**/*.json"):
        try:
            content = json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            continue
        for one in objects(content) if path.parts[len(CORPUS.parts)] in {"stripe", "clerk"} else ():
            found.setdefault(one["object"], set()).update(one)
    return found


@pytest.mark.parametrize("kind", STRIPE)
def test_stripes_library_knows_each_field_of_its_objects_and_of_those_inside(kind):
    for version in versions(STRIPE[kind]):
        for one in objects(version):
            if one["object"] != "list":
                known = CLASSES[one["object"]].__annotations__.keys()
                assert one.keys() <= known, one["object"]


@pytest.mark.parametrize("kind", CLERK)
def test_clerks_strict_models_take_its_objects(kind):
    for version in versions(CLERK[kind], NOW * 1000):
        model: Any = MODELS[kind]
        model.model_validate(version)


@needs_corpus
@pytest.mark.parametrize("kind", [*STRIPE, *CLERK])
def test_others_recorded_such_objects_with_these_fields(kind):
    newer = {  # than what was recorded: the libraries know them
        "dispute": {"network_reason_code"},
        "user": {"deprovisioned", "locale"},
        "organization": {"last_active_at", "role_set_key"},
        "organization_invitation": {"inviter_id", "public_inviter_data"},
    }
    life = {**STRIPE, **CLERK}[kind]
    assert as_sent(life.made(NOW)).keys() - recorded()[kind] == newer.get(kind, set())


def test_stripes_version_is_the_librarys():
    from simulator.stripe import API_VERSION

    assert stripe.api_version == API_VERSION
