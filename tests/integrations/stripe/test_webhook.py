"""What is peculiar to Stripe: its header of several signatures, and its envelope."""

import time
from datetime import UTC, datetime

import pytest

from integrations import INTEGRATIONS
from integrations.errors import InvalidSignature, Unreadable
from tests.integrations.examples import CREATED, OBJECTS, SECRET, read, signed, stripe_event

STRIPE = INTEGRATIONS["stripe"]
BODY = b'{"id":"evt_1"}'
CREATED_AT = datetime.fromtimestamp(CREATED, UTC)
CUSTOMER = OBJECTS["stripe"]["customer"]


def verify(header, body=BODY):
    STRIPE.verify(body, {"stripe-signature": header}, [SECRET], time.time())


def reason(header, body=BODY):
    with pytest.raises(InvalidSignature) as refused:
        verify(header, body)
    return refused.value.reason


@pytest.fixture
def header():
    return signed(STRIPE, BODY)["stripe-signature"]


@pytest.mark.parametrize("other", ["0" * 64, "short", "", "é" * 64])
def test_one_valid_v1_is_enough_whether_it_comes_first_or_last(header, other):
    stamp, good = header.split(",")
    if other.isascii():  # the SDK gives up at one that is not
        verify(f"{stamp},v1={other},{good}")
    verify(f"{stamp},{good},v1={other}")


def test_the_time_may_come_last(header):
    verify(",".join(reversed(header.split(","))))


def test_a_v0_signature_is_ignored_even_when_it_is_right(header):
    assert reason(header.replace("v1=", "v0=")) == "malformed_header"
    assert reason(header.replace("v1=", "v0=") + ",v1=" + "0" * 64) == "signature_mismatch"
    verify(header + ",v0=" + "0" * 64)


@pytest.mark.parametrize("signature", ["", "0", "é" * 64, "\N{SNOWMAN}", "0" * 65, "=" * 64])
def test_a_signature_of_any_form_or_length_is_a_mismatch(header, signature):
    stamp, _ = header.split(",")
    assert reason(f"{stamp},v1={signature}") == "signature_mismatch"


@pytest.mark.parametrize("header", ["t=", "t", "v1=abc", "t=1", "t=x,v1=a", ",,", "t=1.5,v1=a"])
def test_a_header_without_time_or_signature_is_malformed(header):
    assert reason(header) == "malformed_header"


def test_the_first_time_counts_when_there_are_two(header):
    assert reason(f"t=1,{header}") == "timestamp_too_old"


def test_a_body_that_is_not_utf8_is_a_mismatch_whatever_its_signature(header):
    assert reason(header, b"\xff\xfe") == "signature_mismatch"


def test_an_event_is_that_of_its_account_when_it_comes_through_connect():
    event = read("stripe", stripe_event(CUSTOMER, account="acct_1", livemode=True))
    assert event.account == "acct_1"
    assert event.livemode is True
    assert event.snapshot.columns == {
        "account": "acct_1",
        "livemode": True,
        "api_version": "2026-10-28.endive",
    }


def test_an_event_of_ones_own_has_the_empty_account():
    event = read("stripe", stripe_event(CUSTOMER))
    assert event.account == event.snapshot.columns["account"] == ""


def test_a_thin_event_is_read_without_an_object():
    thin = {
        "id": "evt_2",
        "object": "v2.core.event",
        "type": "v1.billing.meter.error_report_triggered",
        "created": "2022-02-15T00:27:45.330Z",
        "livemode": True,
    }
    event = read("stripe", thin)
    assert (event.id, event.type) == (thin["id"], thin["type"])
    assert event.occurred_at == datetime(2022, 2, 15, 0, 27, 45, 330_000, UTC)
    assert (event.snapshot.object_type, event.snapshot.object) == ("", {})


@pytest.mark.parametrize(
    ("obj", "clock"),
    [
        ({"object": "product", "id": "prod_1", "updated": CREATED + 7}, CREATED + 7),
        ({"object": "product", "id": "prod_1", "updated": None}, CREATED),
        ({"object": "product", "id": "prod_1"}, CREATED),
        ({"object": "customer", "id": "cus_1", "updated": CREATED + 7}, CREATED),
    ],
)
def test_the_clock_is_a_products_own_and_else_the_events(obj, clock):
    assert read("stripe", stripe_event(obj)).snapshot.clock == clock * 1000


@pytest.mark.parametrize(
    ("kind", "type", "deleted", "gone_at"),
    [
        ("customer", "customer.deleted", None, CREATED_AT),
        ("customer", "customer.deleted", True, CREATED_AT),
        ("product", "product.deleted", None, CREATED_AT),
        ("price", "price.deleted", None, CREATED_AT),
        ("customer", "customer.updated", None, None),
        ("customer", "customer.updated", False, None),
        ("subscription", "customer.subscription.deleted", None, None),
    ],
)
def test_what_stripe_still_knows_is_not_gone(kind, type, deleted, gone_at):
    obj = OBJECTS["stripe"][kind] | ({} if deleted is None else {"deleted": deleted})
    assert read("stripe", stripe_event(obj, type)).snapshot.gone_at == gone_at


@pytest.mark.parametrize(
    ("spoilt", "field"),
    [
        ({"id": None}, "id"),
        ({"id": ""}, "id"),
        ({"id": "x" * 256}, "id"),
        ({"type": 5}, "type"),
        ({"created": "soon"}, "created"),
        ({"created": "2022-02-15T00:27:45"}, "created"),
        ({"created": True}, "created"),
        ({"data": None}, "data"),
        ({"data": {"object": []}}, "data.object"),
        ({"account": 7}, "account"),
    ],
)
def test_an_event_with_a_wrong_field_is_unreadable_and_says_which(spoilt, field):
    with pytest.raises(Unreadable, match=rf"^Envelope\.{field}: "):
        read("stripe", stripe_event(CUSTOMER, **spoilt))


@pytest.mark.parametrize("kind", [None, 5, ["customer"], {}])
def test_an_object_of_no_known_kind_is_read_as_one_of_none(kind):
    assert read("stripe", stripe_event({"object": kind})).snapshot.object_type == ""


SUMMARY = {"object": "entitlements.active_entitlement_summary", "livemode": False}


@pytest.mark.parametrize("customer", ["cus_1", {"id": "cus_1", "object": "customer"}])
def test_a_summary_of_entitlements_is_that_of_its_customer(customer):
    event = read("stripe", stripe_event(SUMMARY | {"customer": customer}))
    assert event.snapshot.object["id"] == "cus_1"
    assert event.snapshot.object_type == SUMMARY["object"]


@pytest.mark.parametrize("obj", [{"object": "invoice"}, {"object": "invoice", "id": None}, SUMMARY])
def test_an_object_without_an_id_is_read_as_one_of_no_kind(obj):
    assert read("stripe", stripe_event(obj, "invoice.upcoming")).snapshot.object_type == ""


def test_the_time_of_a_product_is_named_as_the_product_s_when_it_is_none():
    with pytest.raises(Unreadable, match=r"^Product\.updated: "):
        read("stripe", stripe_event({"object": "product", "id": "prod_1", "updated": "soon"}))
