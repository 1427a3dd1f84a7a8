"""What is read in a folder of other people's payloads, and how it is wrapped."""

import json
import os
from pathlib import Path

import pytest

from simulator.corpus import Payload, Skipped, read

CUSTOMER = {"object": "customer", "id": "cus_1", "created": 1_600_000_000}


@pytest.fixture
def found(tmp_path):
    """Write files into a corpus, and return what is read in it."""

    def write_and_read(**files):
        for name, value in files.items():
            service, _, stem = name.partition("__")
            folder = tmp_path / service.replace("_", "-") / "anything"
            folder.mkdir(parents=True, exist_ok=True)
            content = value if isinstance(value, bytes) else json.dumps(value).encode()
            (folder / f"{stem}.json").write_bytes(content)
        return list(read(tmp_path))

    return write_and_read


def event_in(payload):
    return json.loads(payload.body)


def test_an_event_gets_an_id_and_an_account_of_its_own_and_is_sent_as_it_is_otherwise(found):
    event = {"object": "event", "id": "evt_00000000000000", "type": "a.b", "data": {"object": {}}}
    first, second = found(stripe__a=event, stripe__b=event)
    assert event_in(first) == event | {"id": first.event_id, "account": f"acct_{first.event_id}"}
    assert first.event_id != second.event_id


@pytest.mark.parametrize(
    "published",
    [
        {"object": "event", "id": "evt_0", "type": "a.b", "data": {"object": {}}},
        {"object": "v2.core.event", "id": "evt_0", "type": "v2.a.b"},
        {"object": "person", "id": "person_1"},
    ],
    ids=["an event", "a thin event", "an object"],
)
def test_what_was_published_of_a_connected_account_stays_of_that_account(found, published):
    (payload,) = found(stripe__a=published | {"account": "acct_1"})
    assert event_in(payload)["account"] == "acct_1"


def test_an_account_that_is_no_connected_one_is_not_taken_for_it(found):
    (payload,) = found(
        stripe__a={"object": "financial_connections.transaction", "account": "fca_1"}
    )
    assert event_in(payload)["account"] == f"acct_{payload.event_id}"


@pytest.mark.parametrize(
    ("obj", "type"),
    [
        (CUSTOMER, "customer.updated"),
        ({"object": "customer", "id": "cus_1", "deleted": True}, "customer.deleted"),
        ({"id": "cus_1", "deleted": True}, "customer.deleted"),
        ({"object": "subscription", "id": "sub_1"}, "customer.subscription.updated"),
        ({"object": "dispute", "id": "dp_1"}, "charge.dispute.updated"),
        ({"object": "checkout.session", "id": "cs_1"}, "checkout.session.completed"),
        ({"object": "invoice", "id": "in_1"}, "invoice.updated"),
        ({"object": "invoice"}, "invoice.upcoming"),
    ],
)
def test_a_bare_object_of_stripe_is_wrapped_in_an_event_of_a_type_that_fits(found, obj, type):
    (payload,) = found(stripe__delete_customer=obj)
    assert event_in(payload)["type"] == type
    assert event_in(payload)["data"] == {"object": obj}


def test_the_envelope_takes_the_time_and_the_mode_of_its_object(found):
    (payload,) = found(stripe__a=CUSTOMER | {"livemode": True})
    assert (event_in(payload)["created"], event_in(payload)["livemode"]) == (1_600_000_000, True)


@pytest.mark.parametrize(
    ("obj", "type"),
    [
        ({"object": "user", "id": "user_1"}, "user.updated"),
        ({"object": "user", "id": "user_1", "deleted": True}, "user.deleted"),
        ({"object": "organization_membership", "id": "o"}, "organizationMembership.updated"),
    ],
)
def test_a_bare_object_of_clerk_is_wrapped_in_an_event_of_a_type_that_fits(found, obj, type):
    (payload,) = found(clerk__user=obj)
    assert (event_in(payload)["type"], event_in(payload)["data"]) == (type, obj)


@pytest.mark.parametrize(
    "value",
    [
        [CUSTOMER, CUSTOMER],
        {"object": "list", "data": [CUSTOMER, CUSTOMER], "has_more": False},
        {"resources": {"customer": CUSTOMER, "deleted_customer": CUSTOMER}},
    ],
    ids=["a list", "Stripe's list", "the resources of an OpenAPI file"],
)
def test_each_object_of_a_file_is_a_payload_of_its_own(found, value):
    payloads = found(stripe__a=value)
    assert [event_in(p)["data"]["object"] for p in payloads] == [CUSTOMER, CUSTOMER]
    assert len({p.event_id for p in payloads}) == 2


def test_a_service_that_is_not_known_is_sent_what_the_file_says(found):
    (payload,) = found(loops__a={"eventName": "contact.created"})
    assert (payload.service, event_in(payload)) == ("loops", {"eventName": "contact.created"})


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"_meta": {}, "fixtures": []}, "requests to make"),
        ({"scheme": "v1", "cases": []}, "signatures"),
        ({"api_key": "phc_x", "event": "signed up"}, "a request to the service"),
        ({"Customer": {"type": "object"}}, "names neither an event nor an object"),
        (7, "no JSON object"),
        ([], "holds nothing"),
        ({"object": "list", "data": []}, "holds nothing"),
    ],
)
def test_what_nobody_sends_is_skipped_with_the_reason(found, value, why):
    (skipped,) = found(stripe__a=value)
    assert isinstance(skipped, Skipped)
    assert why in skipped.why


def test_what_is_no_json_is_sent_all_the_same(found):
    (payload,) = found(stripe__a=b'{"object": ')
    assert isinstance(payload, Payload)
    assert payload.body == b'{"object": '


def test_what_is_nested_deep_is_sent_however_deep_it_is(found):
    for depth in range(800, 1000):  # somewhere there it can be read, and not be written any more
        content = b'{"object": "customer", "deep": ' + depth * b"[" + depth * b"]" + b"}"
        (payload,) = found(stripe__a=content)
        assert payload.body == content or payload.event_id.encode() in payload.body


def test_tortures_of_parsers_are_sent_as_they_are_and_told_apart(found):
    (payload,) = found(json_robustness__a=b"\xff[")
    assert (payload.service, payload.body, payload.malformed) == ("stripe", b"\xff[", True)


def test_a_name_that_is_no_text_is_shown_as_far_as_it_is(tmp_path):
    (tmp_path / "stripe").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/stripe/caf\xe9.json")).write_text("{}")
    (skipped,) = read(tmp_path)
    assert str(skipped.file) == "stripe/caf\N{REPLACEMENT CHARACTER}.json"


def test_files_beside_the_services_are_skipped(tmp_path):
    (tmp_path / "README.json").write_text("{}")
    (tmp_path / "stripe").mkdir()
    (tmp_path / "stripe" / "SOURCES.md").touch()
    assert [type(one) for one in read(tmp_path)] == [Skipped, Skipped]
