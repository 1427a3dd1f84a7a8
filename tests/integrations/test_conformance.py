"""What every integration promises: who gets in, who does not and why, what becomes of a body."""

import time

import pytest

from integrations import INTEGRATIONS
from integrations.errors import InvalidSignature
from integrations.interface import Integration, Members, Row
from tests.integrations.examples import (
    EVENTS,
    OBJECTS,
    OTHER_SECRET,
    SECRET,
    body_of,
    project,
    read,
    signed,
)

every_service = pytest.mark.parametrize("service", INTEGRATIONS.values(), ids=lambda s: s.name)
every_object = pytest.mark.parametrize(
    ("service", "kind"), [(name, kind) for name, s in INTEGRATIONS.items() for kind in s.mirrors]
)
every_signed_header = pytest.mark.parametrize(
    ("service", "header"),
    [(s, name) for s in INTEGRATIONS.values() for name in signed(s, b"{}") if name in s.headers],
    ids=lambda value: value.name if isinstance(value, Integration) else value,
)


def why_refused(service, body, headers, *secrets):
    with pytest.raises(InvalidSignature) as refused:
        service.verify(body, headers, secrets, time.time())
    return refused.value.reason


@every_service
def test_a_body_passes_when_it_is_signed(service):
    body = body_of(service)
    service.verify(body, signed(service, body), [SECRET], time.time())


@every_service
@pytest.mark.parametrize("secrets", [[SECRET, OTHER_SECRET], [OTHER_SECRET, SECRET]])
def test_a_body_passes_when_any_of_the_secrets_signed_it(service, secrets):
    body = body_of(service)
    service.verify(body, signed(service, body), secrets, time.time())


@every_service
def test_a_body_passes_when_one_of_the_secrets_is_no_usable_key(service):
    body = body_of(service)
    service.verify(body, signed(service, body), ["", "whsec_\N{SNOWMAN}", SECRET], time.time())


@every_service
@pytest.mark.parametrize("body", [b"", b"not JSON", "\N{SNOWMAN}\0".encode()])
def test_any_utf8_body_passes_when_it_is_signed(service, body):
    service.verify(body, signed(service, body), [SECRET], time.time())


@every_service
def test_a_forged_body_is_refused_as_a_mismatch(service):
    body = body_of(service)
    headers = signed(service, body, secret=OTHER_SECRET)
    assert why_refused(service, body, headers, SECRET) == "signature_mismatch"


@every_service
def test_a_body_is_refused_when_any_one_byte_of_it_was_changed(service):
    body = body_of(service)
    headers = signed(service, body)
    for at in range(len(body)):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        assert why_refused(service, changed, headers, SECRET) == "signature_mismatch"


@every_service
def test_a_body_is_refused_when_its_signature_belongs_to_another_moment(service):
    body = body_of(service)
    now, earlier = signed(service, body), signed(service, body, age=30)
    stamped_anew = {
        name: value.replace(str(int(time.time()) - 30), str(int(time.time())))
        for name, value in earlier.items()
    }
    assert stamped_anew != now
    assert why_refused(service, body, stamped_anew, SECRET) == "signature_mismatch"


@every_service
@pytest.mark.parametrize(
    ("age", "reason"), [(305, "timestamp_too_old"), (-305, "timestamp_in_future")]
)
def test_a_signed_body_is_refused_when_its_time_is_five_minutes_off(service, age, reason):
    body = body_of(service)
    assert why_refused(service, body, signed(service, body, age=age), SECRET) == reason


@every_service
@pytest.mark.parametrize("age", [290, -290])
def test_a_signed_body_passes_when_its_time_is_less_than_five_minutes_off(service, age):
    body = body_of(service)
    service.verify(body, signed(service, body, age=age), [SECRET], time.time())


@every_service
def test_everything_is_refused_when_no_secret_is_configured(service):
    body = body_of(service)
    assert why_refused(service, body, signed(service, body)) == "no_secret_configured"
    assert why_refused(service, body, {}) == "no_secret_configured"


@every_service
@pytest.mark.parametrize("secret", ["", "whsec_"])
def test_a_body_signed_with_nothing_is_refused_when_the_secret_is_empty(service, secret):
    body = body_of(service)
    assert why_refused(service, body, signed(service, body), secret) == "signature_mismatch"


@every_signed_header
@pytest.mark.parametrize("value", [None, ""])
def test_a_request_is_refused_when_a_header_is_missing(service, header, value):
    headers = signed(service, b"{}") | {header: value}
    sent = {name: value for name, value in headers.items() if value is not None}
    assert why_refused(service, b"{}", sent, SECRET) == "missing_header"


@every_signed_header
@pytest.mark.parametrize("value", ["garbage", "\N{SNOWMAN}", " ", "\0", "=", "t=;v1"])
def test_a_request_is_refused_when_a_header_is_malformed(service, header, value):
    reason = why_refused(service, b"{}", signed(service, b"{}") | {header: value}, SECRET)
    is_an_id = header.endswith("-id")  # an id has no form of its own
    assert reason == ("signature_mismatch" if is_an_id else "malformed_header")


@every_service
def test_a_signature_does_not_travel_with_the_body(service):
    assert not [name for name in service.kept_headers if "signature" in name]
    assert set(service.kept_headers) <= set(service.headers)


@every_service
def test_every_mirrored_object_has_an_example(service):
    assert set(OBJECTS[service.name]) == set(service.mirrors)


@every_object
def test_an_event_carries_its_object_and_its_time(service, kind):
    event = read(service, EVENTS[service][kind])
    assert event.service == service
    assert event.snapshot.object_type == kind
    assert event.snapshot.object == OBJECTS[service][kind]
    assert event.snapshot.event_id == event.id
    assert event.snapshot.clock == event.occurred_at.timestamp() * 1000


def rows_of(projected):
    for part in projected:
        yield from [part] if isinstance(part, Row) else part.rows


@every_object
def test_a_projected_row_names_only_columns_of_its_table(service, kind):
    projected = project(service, OBJECTS[service][kind])
    for row in rows_of(projected):
        assert set(row.values) <= set(row.model.__table__.columns.keys())
    for members in (part for part in projected if isinstance(part, Members)):
        assert members.column in members.model.__table__.columns
    assert next(rows_of(projected)).id == OBJECTS[service][kind]["id"]


@every_object
def test_what_a_service_adds_to_every_row_is_a_column_of_each_table(service, kind):
    event = read(service, EVENTS[service][kind])
    for row in rows_of(project(service, OBJECTS[service][kind])):
        assert set(event.snapshot.columns) <= set(row.model.__table__.columns.keys())


@every_object
def test_a_deleted_object_projects_to_nothing_but_its_id(service, kind):
    type = "user.deleted" if service == "clerk" else "thing.deleted"
    deleted = EVENTS[service][kind] | {"type": type}
    if service == "stripe":
        deleted["data"] = {"object": {"object": kind, "id": "x", "deleted": True}}
    event = read(service, deleted)
    (row,) = rows_of(INTEGRATIONS[service].mirrors[kind].project(event.snapshot))
    assert (row.id, dict(row.values)) == (event.snapshot.object["id"], {})
