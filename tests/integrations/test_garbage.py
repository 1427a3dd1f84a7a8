"""What cannot be read is refused with the reason; the conformance suite tries all else."""

import json

import pytest

from integrations import INTEGRATIONS
from integrations.clerk import CLERK
from integrations.errors import Unreadable
from integrations.schema import parse
from integrations.stripe import STRIPE
from tests.integrations.examples import body_of, clerk_event, read, signed, stripe_event

every_service = pytest.mark.parametrize("service", INTEGRATIONS.values(), ids=lambda s: s.name)


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
def test_a_body_that_is_not_utf8_cannot_be_signed(service):
    with pytest.raises(Unreadable, match="the body is not UTF-8"):
        signed(service, b"\xff")


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
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else "",
)
def test_an_unreadable_body_is_refused_with_the_reason(service, body, why):
    with pytest.raises(Unreadable) as unreadable:
        read(service.name, body)
    assert str(unreadable.value).startswith(why)


@pytest.mark.parametrize("service", [STRIPE, CLERK], ids=lambda s: s.name)
def test_secrets_are_withheld_at_any_depth_that_can_be_parsed_and_nothing_is_raised_beyond(service):
    rid = []
    for depth in [1, 900, *range(950, 1000), 100_000]:
        deep = b'{"a":' * depth + b'"pi_1_secret_x"' + b"}" * depth
        body = b'{"type":"email.created","data":"pi_1_secret_x","b":%b}' % deep
        rid.append(service.withhold(body) is not body)
    assert rid == sorted(rid, reverse=True)
    assert (rid[:2], rid[-1]) == ([True, True], False)


@every_service
def test_what_says_nothing_is_unreadable_and_the_reason_names_a_field(service):
    with pytest.raises(Unreadable, match=r"^[A-Z]\w+\.\w+: "):
        read(service.name, b"{}")


@every_service
def test_the_reason_names_the_field_and_not_its_value(service):
    names = {"loops": "eventName", "posthog": "event", "r2": "action"}
    name = names.get(service.name, "type")
    event = json.loads(body_of(service)) | {name: ["ada@example.org"]}
    with pytest.raises(Unreadable, match=rf"^[A-Z]\w+\.{name}: ") as unreadable:
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
