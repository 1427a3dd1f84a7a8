"""What is signed and cannot be read: let in, kept with its bytes, and never an error of ours."""

import json
from hashlib import sha256

import pytest

from integrations import INTEGRATIONS
from settings import settings
from tests.receiver.deliveries import kept_in_redis
from worker import inbox

HUGE = settings().receiver.max_body_bytes
UNREADABLE = {
    "empty": b"",
    "huge": b"[" + b"1," * (HUGE // 2 - 1) + b"1",
    "not JSON": b"hello",
    "half": b'{"id":"evt_1"',
    "deep list": b"[" * 200_000,
    "deep object": b'{"a":' * 100_000,
    "NaN": b'{"id":"evt_1","created":NaN}',
    "infinite": b'{"id":"evt_1","created":1e999}',
    "a long number": b'{"id":"evt_1","created":' + b"9" * 10_000 + b"}",
    "a large number": b'{"id":"evt_1","type":"t","created":1' + b"0" * 400 + b"}",
    "a large time": b'{"type":"t","timestamp":1' + b"0" * 400 + b"}",
    "NUL": b"\0",
    "list": b"[]",
    "null": b"null",
    "text": b'"text"',
    "nothing": b"{}",
    "nulls": b'{"id":null,"type":null,"created":null,"data":null,"timestamp":null}',
    "wrong types": b'{"id":{},"type":[],"created":"x","data":5,"timestamp":"x"}',
}
every_service = pytest.mark.parametrize("service", INTEGRATIONS)
every_body = pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)


@every_service
@every_body
def test_a_signed_body_is_accepted_whatever_it_says(post, service, body):
    assert post(service, body).status_code == 202
    assert [entry[b"body"] for entry in kept_in_redis(service)] == [body]


@every_service
@every_body
def test_a_signed_body_is_kept_in_the_ledger_by_its_bytes_when_it_cannot_be_read(
    post, sql, service, body
):
    inbox.pause(service)
    assert post(service, body).status_code == 202
    (kept,) = sql.execute("SELECT event_id, status, body FROM events").fetchall()
    assert kept == (f"sha256:{sha256(body).hexdigest()}", "received", body)


@every_service
@pytest.mark.parametrize("text", ["\0", "\ud800", "\udc00\ud800", "\ufeff", "\U0010ffff"])
def test_a_body_with_odd_characters_is_kept_in_the_ledger_with_its_bytes(post, sql, service, text):
    inbox.pause(service)
    event = {"id": f"evt_{text}", "type": f"t{text}", "created": 1, "timestamp": 1, text: text}
    body = json.dumps(event).encode()
    assert post(service, body).status_code == 202
    assert sql.execute("SELECT status, body FROM events").fetchall() == [("received", body)]


@every_service
def test_a_body_that_is_not_utf8_is_refused_for_neither_verifier_knows_such(post, service):
    headers = {
        "Stripe-Signature": "t=1,v1=x",
        "svix-id": "msg_1",
        "svix-timestamp": "1",
        "svix-signature": "v1,x",
    }
    assert post(service, b"\xff\xfe\xfd", headers=headers).status_code == 401


@pytest.mark.parametrize("id", ["x" * 256, "é", "\u00ff" * 300, " "])
def test_a_message_id_of_any_form_is_accepted(post, sql, id):
    """WSGI hands over header values as Latin-1."""
    inbox.pause("clerk")
    assert post("clerk", b'{"type":"t","timestamp":1}', event_id=id).status_code == 202
    assert sql.execute("SELECT count(*) FROM events").fetchone() == (1,)
