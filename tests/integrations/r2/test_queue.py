"""What is pulled from a Cloudflare Queue, what is acknowledged, and what goes wrong."""

import builtins
import json

import httpx
import pytest

from integrations.errors import Permanent, Transient
from integrations.r2.queue import _made, acknowledge, on, pull
from settings import settings


def test_a_json_message_comes_out_of_its_base64(queue):
    queue.tell({"key": "é"})
    (message,) = pull(5)
    assert json.loads(message.body) == {"key": "é"}
    assert message.lease == "lease_0"
    assert queue.requests == [("pull", {"batch_size": 5, "visibility_timeout_ms": 60_000})]


@pytest.mark.parametrize(
    ("body", "type", "bytes_"),
    [
        ("hello", "text", b"hello"),
        ("aGVsbG8=", "bytes", b"hello"),
        ("aGVsbG8=", None, b"hello"),
        # so in https://developers.cloudflare.com/queues/configuration/pull-consumers/
        ('{"plain": 1}', "bytes", b'{"plain": 1}'),
    ],
    ids=["text", "bytes", "unsaid", "plain after all"],
)
def test_a_message_is_decoded_as_its_type_says(body, type, bytes_, queue):
    queue.tell(body, type)
    assert [message.body for message in pull()] == [bytes_]


def test_an_empty_queue_gives_nothing(queue):
    assert pull() == []
    queue.answers = [httpx.Response(200, json={"success": True, "errors": [], "result": None})]
    assert pull() == []


def test_what_is_acknowledged_does_not_come_again(queue):
    queue.tell({"n": 1})
    queue.tell({"n": 2})
    acknowledge([pull(1)[0].lease])
    assert [json.loads(message.body) for message in pull()] == [{"n": 2}]
    assert queue.requests[1] == ("ack", {"acks": [{"lease_id": "lease_0"}]})


def test_the_token_is_sent(queue):
    pull()
    token = settings().r2.cloudflare_api_token.get_secret_value()
    assert queue.authorization == f"Bearer {token}"


@pytest.mark.parametrize(
    ("status", "error"), [(500, Transient), (429, Transient), (403, Permanent), (404, Permanent)]
)
def test_a_refusal_is_asked_once_and_is_what_its_status_says(status, error, queue):
    queue.answers = [httpx.Response(status, json={"success": False, "errors": []})]
    with pytest.raises(error):
        pull()
    assert len(queue.requests) == 1


def test_half_an_answer_is_transient(queue):
    headers = {"content-type": "application/json"}
    queue.answers = [httpx.Response(200, content=b'{"result": {"mess', headers=headers)]
    with pytest.raises(Transient):
        pull()


def test_without_the_sdk_the_error_says_what_to_install(queue, monkeypatch):
    real = builtins.__import__

    def absent(name, *rest):
        if name == "cloudflare":
            raise ImportError(name)
        return real(name, *rest)

    _made.cache_clear()
    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(Permanent, match="pip install"):
        pull()


def test_without_a_queue_nothing_is_to_be_pulled(monkeypatch, queue):
    assert on()
    monkeypatch.delenv("CLOUDFLARE_QUEUE_ID")
    settings.cache_clear()
    assert not on()
