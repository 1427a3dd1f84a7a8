"""Whatever a verified body holds, it ends handled, ignored or dead with a reason."""

import json
from pathlib import Path

import pytest

from tests.worker import stories
from tests.worker.stories import T0, clerk, customer_event, delivery, drained, put

SUITE = Path(__file__).parents[3] / "shared" / "corpus" / "json-robustness" / "JSONTestSuite"
SUITE_FILES = sorted(SUITE.glob("*.json"))
UPDATED = "customer.subscription.updated"


def raw(body, **fields):
    """Return the bytes of an event, with JSON text put in where Python has no value for it."""
    text = json.dumps(body)
    for name, value in fields.items():
        text = text.replace(f'"<{name}>"', value)
    return text.encode("utf-8", "surrogatepass")


def event(object, **envelope):
    return {
        "id": "evt_1",
        "type": "customer.updated",
        "created": T0,
        "data": {"object": object},
    } | envelope


def settled(ledger, *allowed):
    """Check that everything in the ledger is settled, the dead with a reason."""
    for kept in ledger().values():
        assert kept["status"] in (allowed or ("handled", "ignored", "dead"))
        assert kept["status"] != "dead" or kept["error"]
        assert kept["body"] is not None


@pytest.mark.parametrize("service", ["stripe", "clerk"])
@pytest.mark.parametrize("together", [True, False], ids=["in batches", "one by one"])
def test_every_body_of_the_json_test_suite_is_dead_with_a_reason(service, together, ledger):
    if not SUITE_FILES:
        pytest.skip(f"the corpus is not at {SUITE}")
    bodies = {file.read_bytes() for file in SUITE_FILES}
    for body in bodies:
        put(delivery(body, service, svix_id=f"msg_{hash(body)}"))
        assert together or drained(service) == {"dead": 1, "left": 0}
    assert not together or drained(service) == {"dead": len(bodies), "left": 0}

    assert {kept["body"] for kept in ledger().values()} == bodies
    settled(ledger, "dead")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"null",
        b"[]",
        b'"text"',
        b"\x00",
        b"\xef\xbb\xbf{}",
        b"{}",
        b"{" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"id": NaN}',
        b'{"id": "evt_1", "type": "x", "created": Infinity}',
        b'{"id": "evt_1", "type": "x", "created": 1e400}',
        b"9" * 10_000,
        raw(event({}, id=None)),
        raw(event({}, id="")),
        raw(event({}, id=1)),
        raw(event({}, id={"a": 1})),
        raw(event({}, id="e" * 300)),
        raw(event({}, type="t" * 300)),
        raw(event({}, type=None)),
        raw(event({}, created=None)),
        raw(event({}, created=True)),
        raw(event({}, created=10**30)),
        raw(event({}, created=-(10**30))),
        raw(event({}, created=253_402_300_800)),
        raw(event({}, created="soon")),
        raw(event({}, created="9999-12-31T23:59:59-14:00")),
        raw(event({}, data=None)),
        raw(event({}, data=[])),
        raw(event(None)),
        raw(event([])),
        raw(event({}, account={"id": "acct_1"})),
        raw(event({}, livemode="perhaps")),
        raw({"type": "customer.updated"}),
    ],
    ids=str,
)
def test_a_body_that_is_no_event_is_dead_with_a_reason(body, ledger):
    put(delivery(body))

    assert drained() == {"dead": 1, "left": 0}
    assert {kept["body"] for kept in ledger().values()} == {body}
    settled(ledger, "dead")


@pytest.mark.parametrize("depth", [100, 200, 300, 320, 330, 400, 490, 800, 950, 990, 1000, 5000])
@pytest.mark.parametrize("escape", ["", r"\u0041"])
def test_a_deep_body_is_settled_at_once_however_deep(depth, escape, ledger):
    deep = '{"a":' * depth + f'"{escape}"' + "}" * depth
    put(delivery(raw(event(stories.customer(metadata={"deep": "<deep>"})), deep=deep)))
    put(customer_event("evt_2"))
    drained()

    settled(ledger)
    assert ledger()["evt_2"]["status"] == "handled"


@pytest.mark.parametrize("text", [r"a\u0000b", r"\ud800", r"\udc00\ud800", r"\ud83d\ude00"])
def test_strange_characters_are_kept_as_far_as_postgres_can(text, ledger, rows):
    odd = stories.customer(name="<text>", metadata={"<text>": "<text>"}, email="a@example.com")
    body = raw(event(odd, id="<text>"), text=f'"evt_{text}"')
    put(delivery(body))

    assert drained() == {"handled": 1, "left": 0}
    (kept,), (row,) = ledger().values(), rows("stripe_customers")
    assert kept["body"] == body
    assert row["name"] == row["last_event_id"] == kept["event_id"]
    assert row["metadata"] == {row["name"]: row["name"]}


def test_two_ids_that_look_alike_after_cleaning_count_as_one(ledger):
    bodies = [
        raw(event(stories.customer(), id="<id>"), id=f'"{t}"') for t in (r"\ud800", r"\udfff")
    ]
    put(*map(delivery, bodies))

    assert drained() == {"handled": 1, "duplicate": 1, "left": 0}


def test_a_clerk_delivery_without_its_id_is_dead(ledger):
    put(delivery(clerk("x", "user.updated", stories.user()).body, "clerk"))

    assert drained("clerk") == {"dead": 1, "left": 0}
    settled(ledger, "dead")
