"""Whatever is sent, only the documented errors come out."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from integrations.errors import InvalidSignature, Unreadable
from integrations.interface import Delivery, Event, Members, Snapshot
from tallyman.testing.conformance.fixtures import delivery
from tallyman.testing.conformance.signatures import SECRET, signed
from tallyman.testing.conformance.subject import CREATED, Subject

thorough = settings(
    max_examples=150,
    deadline=None,
    database=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.differing_executors,  # one class tests many services; nothing is replayed
    ],
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
JSONS = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(LETTERS),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(LETTERS), inner),
    max_leaves=8,
)


class Garbage:
    """Headers, bodies and fields that mean nothing."""

    @thorough
    @given(data=st.data())
    def test_verifying_ends_in_a_refusal_whatever_is_sent(
        self, subject: Subject, data: st.DataObject
    ) -> None:
        headers = data.draw(st.dictionaries(st.sampled_from(subject.service.headers), TEXT))
        body, secrets = data.draw(st.binary()), data.draw(SECRETS)
        known = [secret for secret in secrets if secret]  # who has one may come in by it
        assume(not any(secret in value for secret in known for value in headers.values()))
        now = data.draw(st.floats(0, 10**11) | st.just(time.time()))
        with pytest.raises(InvalidSignature):
            subject.service.verify(body, headers, secrets, now)

    @thorough
    @given(data=st.data())
    def test_verifying_ends_in_a_refusal_whatever_stands_in_place_of_the_signature(
        self, subject: Subject, data: st.DataObject
    ) -> None:
        """The headers' times are right, so the service's own library gets to see the garbage."""
        body = data.draw(st.binary() | st.text().map(str.encode))
        headers = signed(subject, b"{}")
        name = data.draw(st.sampled_from([n for n in headers if "signature" in n]))
        cut = headers[name][:-16]
        start = data.draw(st.sampled_from([cut, cut.rsplit("v1", 1)[0], cut.partition("=")[0]]))
        scheme = data.draw(st.sampled_from(["v1=", "v1,", "v1, ", "=", ""]))
        headers[name] = start + scheme + data.draw(TEXT)
        with pytest.raises(InvalidSignature):
            subject.service.verify(body, headers, data.draw(SECRETS), time.time())

    @thorough
    @given(body=st.binary() | JSONS.map(lambda value: json.dumps(value).encode()))
    def test_reading_ends_in_an_event_or_unreadable_whatever_the_body(
        self, subject: Subject, body: bytes
    ) -> None:
        reads_or_refuses(subject, body)

    @thorough
    @given(data=st.data())
    def test_reading_ends_in_an_event_or_unreadable_whatever_one_field_holds(
        self, subject: Subject, data: st.DataObject
    ) -> None:
        event = json.loads(subject.body())
        spoilt = event | {data.draw(st.sampled_from(sorted(event))): data.draw(JSONS)}
        reads_or_refuses(subject, json.dumps(spoilt).encode())

    @thorough
    @given(data=st.data())
    def test_projecting_ends_in_rows_or_unreadable_whatever_one_field_holds(
        self, subject: Subject, kind: str, data: st.DataObject
    ) -> None:
        mirror = subject.service.mirrors[kind]
        obj = subject.source.lives[kind].made(CREATED)
        names = {*obj, *_names(mirror.schema)} - {"object"}
        spoilt = obj | {data.draw(st.sampled_from(sorted(names))): data.draw(JSONS)}
        try:
            rows = mirror.project(Snapshot(kind, spoilt, CREATED * 1000, "webhook"))
        except Unreadable:
            return
        assert rows
        assert all(row.id for row in rows if not isinstance(row, Members))

    @pytest.mark.parametrize(
        ("body", "why"),
        [
            (b"", "the body is not JSON: Expecting value at 0"),
            (b"\xff", "the body is not UTF-8"),
            (b'"text"', "the body is not a JSON object"),
            (b'{"a":NaN}', "the body is not usable JSON: NaN is not JSON"),
            (b'{"a":1e999}', "the body is not usable JSON: a number is too large"),
        ],
        ids=["empty", "no UTF-8", "no object", "NaN", "too large"],
    )
    def test_an_unreadable_body_is_refused_with_the_reason(
        self, subject: Subject, body: bytes, why: str
    ) -> None:
        empty = delivery(subject, b"{}")
        with pytest.raises(Unreadable) as unreadable:
            subject.service.read(_with_body(empty, body))
        assert str(unreadable.value).startswith(why)


def _names(schema: Any) -> set[str]:
    """Return the names that a schema reads a field from."""
    aliases = [field.validation_alias for field in schema.model_fields.values()]
    choices = [choice for alias in aliases for choice in getattr(alias, "choices", [alias])]
    return {*schema.model_fields, *(name for name in choices if isinstance(name, str))}


def reads_or_refuses(subject: Subject, body: bytes) -> None:
    """Read the body; fails where neither an event nor Unreadable comes out."""
    try:
        safe = subject.service.safe(_with_body(delivery(subject, b"{}"), body))
        assert subject.service.safe(safe) is safe
        event = subject.service.read(safe)
    except Unreadable:
        return
    assert isinstance(event, Event)
    assert 0 < event.snapshot.clock < 2**63
    assert _is_storable(event.payload)


def _is_storable(value: Any) -> bool:
    """Return whether Postgres can keep the JSON: neither NUL nor a lone surrogate is in it."""
    text = " ".join(_texts(value))
    return "\0" not in text and text == text.encode(errors="replace").decode()


def _texts(value: Any) -> Iterator[str]:
    """Yield every key and every text, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _with_body(delivery: Delivery, body: bytes) -> Delivery:
    return replace(delivery, body=body)
