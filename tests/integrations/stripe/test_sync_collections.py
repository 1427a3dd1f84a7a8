"""What Stripe can be asked for, and what no listing of it ever shows."""

import pytest

from integrations.stripe import STRIPE
from integrations.stripe.sync import SYNC
from tests.integrations.stripe.lists import collection


@pytest.mark.parametrize(
    ("kind", "there", "left_out"),
    [
        ("customer", {"test_clock": None}, {"test_clock": "clock_1"}),
        ("subscription", {}, {"test_clock": "clock_1"}),
        ("payment_method", {"customer": "cus_1"}, {"customer": None}),
        ("price", {"active": True}, {"active": False}),
        (
            "entitlements.active_entitlement_summary",
            {"entitlements": {"data": [{"id": "ent_1"}]}},
            {"entitlements": {"data": []}},
        ),
    ],
)
def test_what_no_listing_shows_is_known(kind, there, left_out):
    leaves_out = collection(kind).leaves_out
    assert (leaves_out(there), leaves_out(left_out)) == (False, True)


def test_every_mirror_can_be_listed_and_fetched():
    assert {c.object_type for c in SYNC.collections} == set(STRIPE.mirrors)
    assert all(c.list and c.fetch for c in SYNC.collections)
