"""Reconcile and backfill through what really asks Stripe, over its library."""

import pytest
import responses
import stripe as library

from integrations.stripe.sync import SYNC
from tests.integrations.stripe.lists import NOW, Lists, missing, says
from tests.worker import stories
from tests.worker.stories import T0, customer, drained, put
from worker import reconcile
from worker.syncs import listing
from worker.syncs.in_turn import shown

VERSION = library.api_version
CUSTOMERS, SUBSCRIPTIONS = "/v1/customers", "/v1/subscriptions"
HERE, THERE = "changed here", "missed event"


@pytest.fixture
def stripe(clean, monkeypatch):
    """What Stripe has, under a key of ours."""
    from integrations.stripe.client import client
    from settings import settings

    monkeypatch.setenv("STRIPE_API_KEY", "sk_test_x")
    monkeypatch.setenv("CALL_LIMITS", "stripe=100000")
    settings.cache_clear()
    client.cache_clear()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Lists(mock)
    monkeypatch.undo()
    settings.cache_clear()
    client.cache_clear()


def tell(type, *objects, version=VERSION):
    events = [
        stories.stripe(f"evt_{o['id']}", type, o, api_version=version, livemode=False)
        for o in objects
    ]
    put(*events)
    drained()


def test_what_webhooks_told_is_as_stripe_lists_it(stripe, drift, last_run):
    some = [customer(f"cus_{n:03}", livemode=False) for n in range(150)]
    tell("customer.created", *some)
    stripe.add(CUSTOMERS, some[::-1])

    outcomes = reconcile.run(SYNC, apply=True, only=["customer"])

    assert shown(outcomes) == "customer=complete"
    assert drift() == []
    assert (last_run()["there"], last_run()["here"]) == (150, 150)


@pytest.mark.parametrize("version", [VERSION, "2025-03-31.basil"])
def test_what_changed_was_edited_and_was_deleted_is_repaired(stripe, sql, drift, version):
    some = [customer(f"cus_{n}", livemode=False) for n in range(4)]
    tell("customer.created", *some, version=version)
    sql.execute("UPDATE stripe_customers SET currency = 'eur' WHERE id = 'cus_1'")
    stripe.add(CUSTOMERS, [some[3], some[1], some[0] | {"balance": 7}])
    stripe.one(f"{CUSTOMERS}/cus_2", says({"id": "cus_2", "object": "customer", "deleted": True}))

    reconcile.run(SYNC, apply=True, only=["customer"])

    assert drift() == [
        ("cus_1", "currency", HERE, True),
        ("cus_0", "balance", THERE, True),
        ("cus_2", "deleted_at", THERE, True),
    ]
    found = (
        "SELECT id, currency, balance, extract(epoch FROM deleted_at)::int FROM stripe_customers"
    )
    assert sorted(sql.execute(found)) == [
        ("cus_0", None, 7, None),
        ("cus_1", None, None, None),
        ("cus_2", None, None, NOW),
        ("cus_3", None, None, None),
    ]


def test_what_stripe_knows_nothing_of_is_gone(stripe, drift):
    tell("customer.created", customer(livemode=False))
    stripe.add(CUSTOMERS, [])
    stripe.one(f"{CUSTOMERS}/cus_1", missing("id"))

    reconcile.run(SYNC, apply=True, only=["customer"])

    assert drift() == [("cus_1", "deleted_at", THERE, True)]


def test_a_list_that_comes_cut_short_is_read_whole(stripe, drift, rows):
    items = [stories.item(f"si_{n:02}") for n in range(12)]
    whole = stories.subscription(items=items, livemode=False, created=T0)
    tell("customer.subscription.created", whole)
    told = whole["items"]["data"]
    cut = whole | {"items": {"object": "list", "data": told[:10], "has_more": True}}
    stripe.add(SUBSCRIPTIONS, [cut])
    stripe.add("/v1/subscription_items", told)

    reconcile.run(SYNC, apply=True, only=["subscription"])

    assert drift() == []
    assert len(rows("stripe_subscription_items")) == 12


def test_a_backfill_ends_in_what_webhooks_tell(stripe, rows, sql):
    ours = {"clock", "source", "last_event_id"}

    def content():
        return [{k: v for k, v in r.items() if k not in ours} for r in rows("stripe_products")]

    products = [stories.product(f"prod_{n}", livemode=False, created=T0) for n in range(3)]
    tell("product.created", *products)
    webhooks_alone = content()
    sql.execute("TRUNCATE stripe_products, events")
    for collection in SYNC.collections:
        stripe.add(f"/v1/{collection.object_type.replace('.', '/')}s", [])
    for path in ("/v1/entitlements/features", "/v1/checkout/sessions"):
        stripe.add(path, [])
    stripe.at["/v1/products"] = products[::-1]

    assert set(shown(listing.backfill(SYNC)).split()) == {
        f"{c.object_type}=complete" for c in SYNC.collections
    }
    assert content() == webhooks_alone
