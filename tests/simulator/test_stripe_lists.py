"""Stripe's lists and its log, as its own library reads them."""

import pytest
import stripe

from simulator import stripe as says
from simulator.stripe_billing import entitlement_summary, entitlements
from simulator.stripe_payments import payment_method
from tests.simulator.conftest import NOW

MONTH = 30 * 24 * 3600
SUMMARY = "entitlements.active_entitlement_summary"


@pytest.fixture
def customers(services):
    """Twelve of them, of whom three each were made in the same second."""
    for number in range(12):
        made = says.customer(
            NOW - 100 + number // 3, id=f"cus_{number}", email=f"{number % 2}@b.org"
        )
        services.stripe.store.put("customer", made)


def ids(listed):
    return [one.id for one in listed]


def newest_first(first, last):
    return [f"cus_{number}" for number in range(first, last - 1, -1)]


def test_a_list_shows_the_newest_first_and_no_more_than_ten_unasked(customers, ask_stripe):
    page = ask_stripe.customers.list()
    assert (ids(page), page.has_more, page.url) == (newest_first(11, 2), True, "/v1/customers")


@pytest.mark.parametrize("limit", [1, 3, 5, 12, 100])
def test_the_pages_behind_each_other_are_the_whole(customers, ask_stripe, limit):
    pages = ask_stripe.customers.list({"limit": limit}).auto_paging_iter()
    assert ids(pages) == newest_first(11, 0)


@pytest.mark.parametrize("limit", [1, 3, 12])
def test_backwards_they_are_the_whole_the_oldest_first(customers, ask_stripe, limit):
    pages = ask_stripe.customers.list({"limit": limit, "ending_before": "cus_0"})
    assert ids(pages.auto_paging_iter()) == newest_first(11, 1)[::-1]


def test_a_cursor_stays_good_when_its_object_is_deleted(customers, ask_stripe, services):
    services.stripe.store.delete("customer", "cus_6")
    assert ids(ask_stripe.customers.list({"starting_after": "cus_6", "limit": 2})) == [
        "cus_5",
        "cus_4",
    ]


@pytest.mark.parametrize(
    ("created", "found"),
    [
        ({"gte": NOW - 98}, newest_first(11, 6)),
        ({"gt": NOW - 98}, newest_first(11, 9)),
        ({"lt": NOW - 99}, newest_first(2, 0)),
        ({"lte": NOW - 99, "gte": NOW - 99}, newest_first(5, 3)),
        (NOW - 97, newest_first(11, 9)),
    ],
)
def test_created_bounds_a_list(customers, ask_stripe, created, found):
    assert ids(ask_stripe.customers.list({"created": created})) == found


def test_a_filter_is_for_equal_values(customers, ask_stripe):
    found = ask_stripe.customers.list({"email": "1@b.org", "limit": 100})
    assert ids(found) == [f"cus_{number}" for number in (11, 9, 7, 5, 3, 1)]


@pytest.mark.parametrize(
    ("query", "code", "param"),
    [
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"limit": 101}, "parameter_invalid_integer", "limit"),
        ({"starting_after": "cus_none"}, "resource_missing", "starting_after"),
    ],
)
def test_what_stripe_would_refuse_is_refused(ask_stripe, query, code, param):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        ask_stripe.customers.list(query)
    assert (refused.value.code, refused.value.param) == (code, param)


def test_canceled_subscriptions_are_shown_to_who_asks_for_them(services, ask_stripe):
    for status in ("active", "past_due", "canceled"):
        made = says.subscription(NOW, id=f"sub_{status}", status=status)
        services.stripe.store.put("subscription", made)

    def found(**query):
        return set(ids(ask_stripe.subscriptions.list(query)))

    assert found() == {"sub_active", "sub_past_due"}
    assert found(status="all") == {"sub_active", "sub_past_due", "sub_canceled"}
    assert found(status="canceled") == found(status="ended") == {"sub_canceled"}


def test_inactive_prices_are_shown_to_who_asks_for_them(services, ask_stripe):
    for id, active in (("price_1", True), ("price_2", False)):
        services.stripe.store.put("price", says.price(NOW, id=id, active=active))
    assert ids(ask_stripe.prices.list()) == ["price_1"]
    assert ids(ask_stripe.prices.list({"active": False})) == ["price_2"]


def test_of_a_long_list_inside_an_object_ten_are_shown_and_the_rest_is_found(services, ask_stripe):
    items = [says.item(NOW, id=f"si_{number}", subscription="sub_1") for number in range(12)]
    services.stripe.store.put("subscription", says.subscription(NOW, items, id="sub_1"))
    shown = ask_stripe.subscriptions.retrieve("sub_1")["items"]
    assert (len(shown.data), shown.has_more) == (10, True)
    rest = ask_stripe.subscription_items.list({"subscription": "sub_1", "limit": 5})
    assert ids(rest.auto_paging_iter()) == [f"si_{number}" for number in range(12)]


def test_what_a_customer_may_use_and_pays_with_is_listed_by_customer(services, ask_stripe):
    store = services.stripe.store
    store.put("customer", says.customer(NOW, id="cus_1"))
    told = entitlement_summary(NOW, customer="cus_1", entitlements=entitlements("Seats"))
    store.put(SUMMARY, told | {"id": "cus_1"}, f"{SUMMARY}.updated")
    store.put("payment_method", payment_method(NOW, id="pm_1", customer="cus_1"))
    found = ask_stripe.entitlements.active_entitlements.list({"customer": "cus_1"})
    assert [one.lookup_key for one in found] == ["seats"]
    assert [one.lookup_key for one in ask_stripe.entitlements.features.list()] == ["seats"]
    assert ids(ask_stripe.customers.payment_methods.list("cus_1")) == ["pm_1"]
    assert "id" not in store.events[-1]["data"]["object"]


def test_the_log_is_read_in_the_order_of_time_from_an_event_on(services, ask_stripe):
    for number in range(7):
        services.clock.at = NOW + number // 2
        made = says.customer(NOW, id=f"cus_{number}")
        services.stripe.store.put("customer", made, "customer.created")
    logged = [event["id"] for event in services.stripe.store.events]
    assert ids(ask_stripe.events.list()) == logged[::-1]
    after = ask_stripe.events.list({"ending_before": logged[1], "limit": 2}).auto_paging_iter()
    assert ids(after) == logged[2:]
    assert ids(ask_stripe.events.list({"created": {"gte": NOW + 3}})) == logged[6:]


def test_the_log_is_filtered_by_type(services, ask_stripe):
    store = services.stripe.store
    store.put("customer", says.customer(NOW), "customer.created")
    store.put("product", says.product(NOW), "product.created")
    store.put("product", says.product(NOW, name="New"), "product.updated")

    def types(**query):
        return [event.type for event in ask_stripe.events.list(query)]

    assert types(types=["customer.created", "product.updated"]) == [
        "product.updated",
        "customer.created",
    ]
    assert types(type="product.*") == ["product.updated", "product.created"]


def test_the_log_forgets_after_thirty_days(services, ask_stripe):
    store = services.stripe.store
    store.put("customer", says.customer(NOW), "customer.created")
    services.clock.at = NOW + MONTH + 1
    store.put("product", says.product(NOW), "product.created")
    assert [event.type for event in ask_stripe.events.list()] == ["product.created"]
    with pytest.raises(stripe.InvalidRequestError):
        ask_stripe.events.list({"ending_before": store.events[0]["id"]})
