"""One object of Stripe's, asked for by its id; and what a customer may use."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from integrations.errors import Permanent, Transient
from tests.integrations.stripe.lists import NOW, collection, missing, rows, says

SUMMARY = "entitlements.active_entitlement_summary"
AT = datetime.fromtimestamp(NOW, UTC)
CUSTOMER = {"id": "cus_1", "object": "customer", "livemode": False, "created": NOW - 5}
ACTIVE = "/v1/entitlements/active_entitlements"
FEATURES = "/v1/entitlements/features"


def entitlement(customer, n):
    kind = "entitlements.active_entitlement"
    return {"id": f"ent_{customer}_{n}", "object": kind, "customer": customer}


def test_an_object_is_fetched_with_the_time_of_the_answer(stripe, fetched):
    stripe.one("/v1/customers/cus_1", says(CUSTOMER))
    found = fetched("customer", "cus_1")
    assert (found.object, found.source, found.gone_at) == (CUSTOMER, "fetch", None)
    assert (NOW - 60) * 1000 <= found.clock < NOW * 1000


def test_an_id_that_is_no_path_stays_one(stripe, fetched):
    stripe.one("/v1/products/my%2Fplan%3F", says({"id": "my/plan?", "object": "product"}))
    assert fetched("product", "my/plan?").object["id"] == "my/plan?"


def test_what_is_deleted_or_unknown_is_gone_since_the_answer(stripe, fetched):
    deleted = {"id": "cus_1", "object": "customer", "deleted": True}
    stripe.one("/v1/customers/cus_1", says(deleted))
    stripe.one("/v1/charges/ch_1", missing("charge"))
    for kind, id in (("customer", "cus_1"), ("charge", "ch_1")):
        found = fetched(kind, id, "acct_1")
        assert (found.object_type, found.object["id"], found.gone_at) == (kind, id, AT)
        assert found.columns["account"] == "acct_1"
        (row,) = rows(found)
        assert row.id == id


def test_an_object_of_the_other_mode_is_not_gone(stripe, fetched):
    said = "No such customer: 'cus_1'; a similar object exists in live mode, but a test mode key"
    stripe.one("/v1/customers/cus_1", missing("id", f"{said} was used to make this request."))
    with pytest.raises(Permanent):
        fetched("customer", "cus_1")


def test_an_invoice_deleted_between_two_calls_is_asked_for_again_later(stripe, fetched):
    cut = {"object": "list", "data": [], "has_more": True}
    stripe.one("/v1/invoices/in_1", says({"id": "in_1", "object": "invoice", "lines": cut}))
    stripe.one("/v1/invoices/in_1/lines", missing("invoice"))
    with pytest.raises(Transient):
        fetched("invoice", "in_1")


def test_a_list_whose_last_member_went_is_not_taken_for_whole(stripe, fetched):
    cut = {"object": "list", "data": [], "has_more": True}
    stripe.one("/v1/invoices/in_1", says({"id": "in_1", "object": "invoice", "lines": cut}))
    first = says({"object": "list", "data": [{"id": "il_1"}], "has_more": True})
    answers = [first, missing("starting_after", status=400)]
    stripe.mock.add_callback(
        "GET", "https://api.stripe.com/v1/invoices/in_1/lines", lambda _: answers.pop(0)
    )
    with pytest.raises(Transient):
        fetched("invoice", "in_1")


def test_a_price_is_fetched_with_its_tiers_which_no_event_tells(stripe, fetched):
    price = {"id": "price_1", "object": "price", "billing_scheme": "tiered"}
    stripe.one("/v1/prices/price_1", says({**price, "tiers": [{"unit_amount": 5}]}))
    found = fetched("price", "price_1")
    assert stripe.asked == [("/v1/prices/price_1", {"expand[0]": "tiers"})]
    assert rows(found)[0].whole
    assert not rows(replace(found, object=price, source="webhook"))[0].whole


def test_who_may_use_something_is_listed_as_an_event_would_tell_it(stripe, listed):
    stripe.add(FEATURES, [{"id": "feat_1"}])
    stripe.add("/v1/customers", [CUSTOMER, CUSTOMER | {"id": "cus_2"}])
    stripe.add(ACTIVE, [entitlement("cus_2", n) for n in range(110)])
    (one,) = listed(SUMMARY)
    assert {name: one.object[name] for name in ("object", "id", "customer", "livemode")} == {
        "object": SUMMARY,
        "id": "cus_2",
        "customer": "cus_2",
        "livemode": False,
    }
    row, members, _ = rows(one)
    assert (row.id, row.whole, len(members.rows)) == ("cus_2", True, 110)


def test_where_there_are_no_features_no_customer_is_asked_for(stripe):
    stripe.add(FEATURES, [])
    page = collection(SUMMARY).list("", None)
    assert (page.snapshots, page.after, stripe.paths()) == ((), None, [FEATURES])


def test_what_a_customer_may_use_is_fetched_be_it_nothing(stripe, fetched):
    stripe.one("/v1/customers/cus_1", says(CUSTOMER))
    stripe.one("/v1/customers/cus_2", says({"id": "cus_2", "deleted": True}))
    stripe.one("/v1/customers/cus_3", missing("id"))
    stripe.add(ACTIVE, [entitlement("cus_1", 1)])
    some, none, gone = (fetched(SUMMARY, f"cus_{n}") for n in (1, 2, 3))
    assert [e["id"] for e in some.object["entitlements"]["data"]] == ["ent_cus_1_1"]
    assert (none.object["entitlements"]["data"], none.gone_at) == ([], None)
    assert gone.gone_at == AT
