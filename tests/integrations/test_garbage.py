"""Whatever is sent, only the documented errors come out."""

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations import INTEGRATIONS
from integrations.errors import InvalidSignature, Unreadable
from integrations.interface import Event, Members
from integrations.schema import parse
from tests.integrations.examples import (
    EVENTS,
    SECRET,
    body_of,
    clerk_event,
    delivery,
    is_storable,
    project,
    read,
    signed,
    stripe_event,
)

every_service = pytest.mark.parametrize("service", INTEGRATIONS.values(), ids=lambda s: s.name)
thorough = settings(
    max_examples=150,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# what header values look like by the time WSGI hands them over, and some worse ones
TEXT = st.text() | st.text(st.characters(max_codepoint=255)) | st.text("tv01=,;. _-+eE9\0\r\n")
SECRETS = st.lists(TEXT | st.just(SECRET) | st.text().map("whsec_".__add__), max_size=3)
NUMBERS = (
    st.integers()
    | st.sampled_from([10**400, -(10**400), 2**63, 10**11, 10**18, -(10**12)])
    | st.floats(allow_nan=False, allow_infinity=False)
)
LETTERS = st.characters() | st.sampled_from("\0\ud800\udfff\ufeff")
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(LETTERS),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(LETTERS), inner),
    max_leaves=8,
)


@every_service
@thorough
@given(data=st.data())
def test_verifying_ends_in_a_refusal_whatever_is_sent(service, data):
    headers = data.draw(st.dictionaries(st.sampled_from(service.headers), TEXT))
    body, secrets = data.draw(st.binary()), data.draw(SECRETS)
    now = data.draw(st.floats(0, 10**11) | st.just(time.time()))
    with pytest.raises(InvalidSignature):
        service.verify(body, headers, secrets, now)


@every_service
@thorough
@given(data=st.data())
def test_verifying_ends_in_a_refusal_whatever_stands_in_place_of_the_signature(service, data):
    """The headers' times are right, so the SDK itself gets to see the garbage."""
    body = data.draw(st.binary() | st.text().map(str.encode))
    headers = signed(service, b"{}")
    name = data.draw(st.sampled_from([n for n in headers if n.endswith("signature")]))
    start = headers[name].rsplit("v1", 1)[0]
    headers[name] = start + data.draw(st.sampled_from(["v1=", "v1,", "v1, ", ""])) + data.draw(TEXT)
    with pytest.raises(InvalidSignature):
        service.verify(body, headers, data.draw(SECRETS), time.time())


@every_service
@thorough
@given(body=st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_reading_ends_in_an_event_or_unreadable_whatever_the_body(service, body):
    reads_or_refuses(service, body)


@every_service
@thorough
@given(data=st.data())
def test_reading_ends_in_an_event_or_unreadable_whatever_one_field_holds(service, data):
    event = data.draw(st.sampled_from(list(EVENTS[service.name].values())))
    spoilt = event | {data.draw(st.sampled_from(sorted(event))): data.draw(JSON)}
    reads_or_refuses(service, json.dumps(spoilt).encode())


def reads_or_refuses(service, body):
    try:
        event = service.read(delivery(service.name, body))
    except Unreadable:
        return
    assert isinstance(event, Event)
    assert 0 < event.snapshot.clock < 2**63
    assert is_storable(event.payload)


@every_service
@thorough
@given(data=st.data())
def test_projecting_ends_in_rows_or_unreadable_whatever_one_field_holds(service, data):
    kind = data.draw(st.sampled_from(sorted(service.mirrors)))
    obj = EVENTS[service.name][kind]["data"]
    obj = dict(obj["object"] if service.name == "stripe" else obj)
    schema = service.mirrors[kind].schema
    names = [
        alias for field in schema.model_fields.values() for alias in _names(field.validation_alias)
    ]
    obj[data.draw(st.sampled_from(sorted({*obj, *schema.model_fields, *names} - {"object"})))] = (
        data.draw(JSON)
    )
    try:
        rows = project(service.name, obj)
    except Unreadable:
        return
    assert rows
    assert all(row.id for row in rows if not isinstance(row, Members))


def _names(alias):
    choices = getattr(alias, "choices", [alias])
    return [choice for choice in choices if isinstance(choice, str)]


@pytest.mark.parametrize(
    "number",
    [10**400, -(10**400), 1e300, 2**63, 253402300800],
    ids=["+10^400", "-10^400", "1e300", "2^63", "year 10000"],
)
def test_a_time_beyond_the_year_9999_is_unreadable_wherever_it_stands(number):
    for service, event in [
        ("stripe", stripe_event({"object": "customer"}, created=number)),
        ("stripe", stripe_event({"object": "product", "updated": number * 1000})),
        ("clerk", clerk_event({"object": "user"}, timestamp=number * 1000)),
        ("clerk", clerk_event({"object": "user", "updated_at": number * 1000})),
    ]:
        with pytest.raises(Unreadable):
            read(service, event)


@pytest.mark.parametrize("created", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00"])
def test_a_written_time_outside_the_years_of_utc_is_unreadable(created):
    with pytest.raises(Unreadable):
        read("stripe", stripe_event({}, created=created))


@every_service
@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "the body is not JSON: Expecting value at 0"),
        (b"\xff", "the body is not UTF-8"),
        (b'"text"', "the body is not a JSON object"),
        (b"[" * 100_000, "the body is not usable JSON: maximum recursion depth exceeded"),
        (b'{"a":' * 100_000, "the body is not usable JSON: maximum recursion depth exceeded"),
        (b'{"a":NaN}', "the body is not usable JSON: NaN is not JSON"),
        (b'{"a":-Infinity}', "the body is not usable JSON: -Infinity is not JSON"),
        (b'{"a":1e999}', "the body is not usable JSON: a number is too large"),
        (b'{"a":' + b"9" * 5000 + b"}", "the body is not usable JSON: Exceeds the limit"),
        (b"{}", "Envelope."),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else "",
)
def test_an_unreadable_body_is_refused_with_the_reason(service, body, why):
    with pytest.raises(Unreadable) as unreadable:
        read(service.name, body)
    assert str(unreadable.value).startswith(why)


@every_service
def test_the_reason_names_the_field_and_not_its_value(service):
    event = json.loads(body_of(service)) | {"type": ["ada@example.org"]}
    with pytest.raises(Unreadable, match=r"^Envelope\.type: ") as unreadable:
        read(service.name, event)
    assert "ada" not in str(unreadable.value)


@pytest.mark.parametrize(
    ("escaped", "kept"),
    [
        (r"\u0000", "\N{REPLACEMENT CHARACTER}"),
        (r"\ud800", "\N{REPLACEMENT CHARACTER}"),
        (r"a\udc00b", "a\N{REPLACEMENT CHARACTER}b"),
        (r"\ud83d\ude00", "\N{GRINNING FACE}"),
        (r"\ude00\ud83d", "\N{REPLACEMENT CHARACTER}" * 2),
        (r"\\u0000", r"\u0000"),
        (r"\ufeff", "\ufeff"),
    ],
)
def test_what_postgres_cannot_store_is_replaced_in_keys_and_values(escaped, kept):
    body = f'{{"{escaped}": ["{escaped}"]}}'.encode()
    assert parse(body) == {kept: [kept]}
