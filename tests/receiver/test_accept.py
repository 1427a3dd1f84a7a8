"""Who is let in, and what is kept of what they bring."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from receiver.app import ACCEPTED
from settings import settings
from tests.receiver.deliveries import kept_in_redis, secret_of, signed, stripe_body
from worker.inbox import redis, take


def test_a_signed_delivery_is_accepted_and_its_bytes_are_kept_as_they_came(post):
    body = b'{ "id":"evt_1",\n\t"a": "\\u0000 \xe2\x98\x83" }\n'
    answer = post(body=body)
    assert (answer.status_code, answer.data) == (202, b'{"status":"accepted"}\n')
    assert answer.data == ACCEPTED
    assert answer.content_type == "application/json"
    assert kept_in_redis() == [{b"body": body, b"endpoint": b""}]


def test_the_message_id_travels_with_the_body_and_the_signature_does_not(post):
    assert post("clerk", b"{}", event_id="msg_7").status_code == 202
    assert kept_in_redis("clerk") == [
        {b"body": b"{}", b"endpoint": b"", b"h:svix-id": b"msg_7"},
    ]


def test_a_worker_takes_out_what_was_brought_in(post):
    post("clerk", b'{"type":"user.created"}', event_id="msg_7")
    (entry,) = take("clerk", 10)
    assert entry.delivery.service == "clerk"
    assert entry.delivery.body == b'{"type":"user.created"}'
    assert entry.delivery.headers == {"svix-id": "msg_7"}


def test_deliveries_are_kept_in_the_order_they_came(post):
    bodies = [stripe_body(f"evt_{n}") for n in range(20)]
    assert {post(body=body).status_code for body in bodies} == {202}
    assert [entry[b"body"] for entry in kept_in_redis()] == bodies


def test_a_repeated_delivery_is_accepted_again(post):
    assert [post().status_code for _ in range(2)] == [202, 202]


@pytest.mark.parametrize("which", [0, 1])
def test_every_secret_of_an_endpoint_lets_in_while_it_is_listed(post, which):
    secret = settings().endpoints["stripe"][""][which].get_secret_value()
    assert post(secret=secret).status_code == 202


def test_a_named_endpoint_has_its_own_secrets(post):
    assert post(endpoint="connect").status_code == 202
    assert [entry[b"endpoint"] for entry in kept_in_redis()] == [b"connect"]
    assert post(endpoint="connect", secret=secret_of("stripe")).status_code == 401
    assert post(secret=secret_of("stripe", "connect")).status_code == 401


@pytest.mark.parametrize(
    ("header", "prefix"), [("X-Webhook-Secret", ""), ("Authorization", "Bearer ")]
)
def test_a_shared_secret_lets_in_at_its_endpoint_and_is_not_kept(post, header, prefix):
    headers = {header: prefix + secret_of("posthog", "shared")}
    assert post("posthog", b"{}", endpoint="shared", headers=headers).status_code == 202
    assert kept_in_redis("posthog") == [{b"body": b"{}", b"endpoint": b"shared"}]
    assert post("posthog", b"{}", headers=headers).status_code == 401


def test_header_names_of_any_case_are_understood(post):
    headers = {name.upper(): value for name, value in signed("stripe", b"{}").items()}
    assert post(body=b"{}", headers=headers).status_code == 202


def test_a_doorbell_waits_in_the_services_celery_queue_after_a_delivery(post, until):
    post()
    (raw,) = until(lambda: redis().lrange("stripe", 0, -1))
    message = json.loads(raw)
    assert message["headers"]["task"] == "stripe.drain"
    assert message["headers"]["argsrepr"] == "()"


def test_never_more_doorbells_wait_than_the_bound_when_many_deliveries_come_at_once(post, until):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: post(), range(200)))
    post("clerk", b"{}")  # rung for after all those, by the same ringer
    until(lambda: redis().llen("clerk"))
    assert 1 <= redis().llen("stripe") <= settings().inbox.doorbells


def test_no_doorbell_is_added_when_enough_of_them_wait(post, until):
    bound = settings().inbox.doorbells
    redis().rpush("stripe", *["bell"] * bound)
    for _ in range(10):
        post()
    post("clerk", b"{}")  # rung for after all those, by the same ringer
    until(lambda: redis().llen("clerk"))
    assert redis().llen("stripe") == bound
