"""Stripe's invoices, charges and what they name, of all API versions."""

import pytest

from tests.integrations.examples import project


def invoice(**fields):
    return project("stripe", {"object": "invoice", "id": "in_1"} | fields)[0].values


@pytest.mark.parametrize(
    ("told", "paid"),
    [
        ({"status": "paid"}, True),
        ({"status": "void"}, False),
        ({"paid": True}, True),
        ({"paid": False, "status": "open"}, False),
        ({}, None),
    ],
)
def test_an_invoice_is_paid_when_its_status_says_so_or_once_a_field_did(told, paid):
    assert invoice(**told)["paid"] is paid


@pytest.mark.parametrize(
    ("told", "tax"),
    [
        ({"tax": 5}, 5),
        ({"tax": None, "total_tax_amounts": []}, 0),
        ({"total_taxes": [{"amount": 5}, {"amount": 2}, {}]}, 7),
        ({"total_taxes": None}, None),
        ({}, None),
    ],
)
def test_the_tax_of_an_invoice_is_the_sum_of_its_taxes(told, tax):
    assert invoice(**told)["tax"] == tax


@pytest.mark.parametrize(
    ("told", "discounts", "coupons"),
    [
        ({}, None, None),
        ({"discount": None}, [], []),
        ({"discounts": []}, [], []),
        ({"discounts": ["di_1"]}, ["di_1"], []),
        ({"discounts": ["di_1"], "discount": {"coupon": {"id": "co_1"}}}, ["di_1"], ["co_1"]),
        ({"discounts": [{"coupon": "co_1"}]}, [{"coupon": "co_1"}], ["co_1"]),
    ],
)
def test_the_coupons_are_those_that_any_shape_of_a_discount_names(told, discounts, coupons):
    found = invoice(**told)
    assert (found["discounts"], found["coupons"]) == (discounts, coupons)


@pytest.mark.parametrize(
    ("dispute", "disputed"), [("dp_1", True), ({"id": "dp_1"}, True), (None, False)]
)
def test_a_charge_that_names_a_dispute_is_disputed(dispute, disputed):
    row, *_ = project("stripe", {"object": "charge", "id": "ch_1", "dispute": dispute})
    assert row.values["disputed"] is disputed


def test_a_source_of_a_card_shows_the_card():
    source = {"id": "src_1", "object": "source", "type": "card", "card": {"last4": "4242"}}
    row, *_ = project("stripe", {"object": "charge", "id": "ch_1", "source": source})
    shown = [row.values[n] for n in ("payment_method", "payment_method_type", "card_last4")]
    assert shown == ["src_1", "card", "4242"]


@pytest.mark.parametrize(
    ("obj", "named"),
    [
        ({"object": "charge", "payment_intent": "pi_1", "customer": "cus_1"}, {"pi_1", "cus_1"}),
        ({"object": "refund", "charge": "ch_1", "payment_intent": "pi_1"}, {"ch_1", "pi_1"}),
        ({"object": "dispute", "charge": {"id": "ch_1"}}, {"ch_1"}),
        ({"object": "payment_intent", "customer": "cus_1", "latest_charge": "ch_1"}, {"cus_1"}),
        ({"object": "payment_method", "customer": None}, set()),
        ({"object": "invoice", "customer": "cus_1", "subscription": "sub_1"}, {"cus_1", "sub_1"}),
    ],
)
def test_what_an_object_belongs_to_gets_a_placeholder(obj, named):
    _, *placeholders = project("stripe", obj | {"id": "x"})
    assert {row.id for row in placeholders} == named
