"""Stripe's objects, listed page by page."""

import pytest

from integrations.errors import Permanent, Transient, Unreadable
from integrations.stripe.sync import listing
from tests.integrations.stripe.lists import BASE, NOW, collection, date, missing, rows, says

NOTHING = {"object": "list", "data": [], "has_more": False}
WHEN = {"created": NOW - 9000, "livemode": False}


def customers(count):
    return [
        {"id": f"cus_{n}", "object": "customer", "created": NOW - n, "livemode": False}
        for n in range(count)
    ]


def ids(snapshots):
    return [one.object["id"] for one in snapshots]


def test_a_listing_of_several_pages_shows_each_object_once(stripe, listed):
    stripe.add("/v1/customers", customers(230))
    found = listed("customer")
    assert ids(found) == [f"cus_{n}" for n in range(230)]
    assert [p.get("starting_after") for _, p in stripe.asked] == [None, "cus_99", "cus_199"]


def test_what_is_listed_says_no_more_than_stripes_time_before_the_call(stripe):
    stripe.add("/v1/customers", customers(1))
    page = collection("customer").list("", None)
    (one,) = page.snapshots
    assert (NOW - 60) * 1000 <= page.begun < NOW * 1000
    assert page.begun % 1000 == 0
    assert (one.clock, one.source, one.event_id, one.gone_at) == (page.begun, "list", None, None)
    assert one.columns == {"account": "", "livemode": False, "api_version": "2026-10-28.endive"}


def test_a_product_has_its_own_clock(stripe, listed):
    told = {"id": "prod_1", "object": "product", "updated": NOW - 500, **WHEN}
    stripe.add("/v1/products", [told])
    assert [one.clock for one in listed("product")] == [(NOW - 500) * 1000]


def test_a_refund_which_says_no_mode_has_the_keys(stripe, listed):
    stripe.add("/v1/refunds", [{"id": "re_1", "object": "refund", "created": NOW}])
    assert listed("refund")[0].columns["livemode"] is False


def test_a_listing_goes_on_where_the_object_it_stood_at_is_gone(stripe, listed):
    there = customers(230)
    stripe.add("/v1/customers", there)
    after = collection("customer").list("", None).after
    del there[95:100]
    found = listed("customer", after=after)
    assert ids(found) == [f"cus_{n}" for n in range(100, 230)]


def test_of_prices_the_inactive_ones_are_listed_too(stripe, listed):
    tiers = [{"up_to": None, "unit_amount": 5}]
    price = {"object": "price", **WHEN}
    stripe.add(
        "/v1/prices",
        [
            {"id": "price_2", "active": True, **price, "billing_scheme": "tiered", "tiers": tiers},
            {"id": "price_1", "active": False, **price, "tiers": None},
        ],
    )
    new, old = listed("price")
    assert new.object["tiers"] == tiers
    assert (old.object["id"], "tiers" in old.object) == ("price_1", False)
    assert [(p["active"], p["expand[0]"]) for _, p in stripe.asked] == [
        ("true", "data.tiers"),
        ("false", "data.tiers"),
    ]


def test_of_many_inactive_prices_each_is_listed_once(stripe, listed):
    prices = [
        {"id": f"price_{n}", "object": "price", "active": n < 20, "created": NOW - n}
        for n in range(250)
    ]
    stripe.add("/v1/prices", prices)
    assert ids(listed("price")) == [f"price_{n}" for n in range(250)]
    assert len(stripe.asked) == 4


def test_an_ended_subscription_is_listed_and_each_ones_items_are_whole(stripe, listed):
    items = [{"id": f"si_{n}", "object": "subscription_item"} for n in range(120)]
    of = {"subscription": "sub_2"}
    cut = {"object": "list", "data": items[:10], "has_more": True, "total_count": 119}
    few = {"object": "list", "data": items[:1], "has_more": False, "total_count": 1}
    sub = {"object": "subscription", **WHEN}
    stripe.add(
        "/v1/subscriptions",
        [
            {"id": "sub_2", **sub, "status": "active", "items": cut},
            {"id": "sub_1", **sub, "status": "canceled", "items": few},
        ],
    )
    stripe.add("/v1/subscription_items", [item | of for item in items])
    new, old = listed("subscription")
    assert ids(members(new)) == [f"si_{n}" for n in range(120)]
    assert new.object["items"]["total_count"] == 120
    assert old.object["items"] == few
    assert all(rows(one)[0].whole for one in (new, old))


def members(snapshot):
    from types import SimpleNamespace

    return [SimpleNamespace(object=item) for item in snapshot.object["items"]["data"]]


def test_an_invoice_deleted_while_its_lines_are_read_is_left_out(stripe, listed):
    cut = {"object": "list", "data": [], "has_more": True}
    invoices = [{"id": f"in_{n}", "object": "invoice", "lines": cut, **WHEN} for n in (2, 1)]
    stripe.add("/v1/invoices", invoices)
    stripe.one("/v1/invoices/in_2/lines", missing("invoice"))
    stripe.add("/v1/invoices/in_1/lines", [{"id": "il_1"}])
    (one,) = listed("invoice")
    assert one.object["lines"] == {"object": "list", "data": [{"id": "il_1"}], "has_more": False}
    assert rows(one)[0].whole


def test_a_page_that_needs_many_calls_ends_early(stripe, listed):
    stripe.add("/v1/customers", customers(30))
    for n in range(30):
        method = {"id": f"pm_{n}", "object": "payment_method", "customer": f"cus_{n}"}
        stripe.add(f"/v1/customers/cus_{n}/payment_methods", [method])
    page = collection("payment_method").list("", None)
    assert ids(page.snapshots) == [f"pm_{n}" for n in range(19)]
    assert ids(listed("payment_method", after=page.after)) == [f"pm_{n}" for n in range(19, 30)]


def test_a_page_ends_when_its_time_is_up_and_the_next_one_goes_on(stripe, listed, monkeypatch):
    monkeypatch.setattr(listing, "SECONDS", 0.0)
    stripe.add("/v1/customers", customers(3))
    for n in range(3):
        stripe.add(f"/v1/customers/cus_{n}/payment_methods", [{"id": f"pm_{n}"}])
    page = collection("payment_method").list("", None)
    assert ids(page.snapshots) == ["pm_0"]
    assert ids(listed("payment_method", after=page.after)) == ["pm_1", "pm_2"]


def test_a_page_ends_before_what_stripe_does_not_tell_now(stripe, listed):
    stripe.add("/v1/customers", customers(4))
    for n in (0, 1, 3):
        stripe.add(f"/v1/customers/cus_{n}/payment_methods", [{"id": f"pm_{n}"}])
    answers = [(500, date(NOW), "{}"), (500, date(NOW), "{}"), says(NOTHING)]
    stripe.mock.add_callback(
        "GET", f"{BASE}/v1/customers/cus_2/payment_methods", lambda _: answers.pop(0)
    )
    page = collection("payment_method").list("", None)
    assert ids(page.snapshots) == ["pm_0", "pm_1"]
    with pytest.raises(Transient):
        collection("payment_method").list("", page.after)
    assert ids(listed("payment_method", after=page.after)) == ["pm_3"]


def test_of_another_account_all_is_asked_for_there(stripe, listed):
    stripe.add("/v1/customers", customers(1))
    stripe.add("/v1/customers/cus_0/payment_methods", [{"id": "pm_1", "customer": "cus_0"}])
    (one,) = listed("payment_method", account="acct_1")
    assert one.columns["account"] == "acct_1"
    assert stripe.accounts == ["acct_1", "acct_1"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((429, date(NOW), '{"error": {"type": "invalid_request_error"}}'), Transient),
        ((500, date(NOW), "{}"), Transient),
        ((401, date(NOW), '{"error": {"type": "invalid_request_error"}}'), Permanent),
        ((200, {}, '{"object": "list", "data": [], "has_more": false}'), Transient),
        (says({"object": "list", "data": [], "has_more": True}), Unreadable),
        (says({"object": "customer"}), Unreadable),
    ],
)
def test_a_page_that_does_not_come_is_no_empty_page(stripe, answer, error):
    stripe.one("/v1/customers", answer)
    with pytest.raises(error):
        collection("customer").list("", None)
