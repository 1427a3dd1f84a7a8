"""What Cloudflare published of R2's messages, against what we make of it."""

import json
from pathlib import Path

import pytest

from integrations.r2 import R2
from tests.integrations.r2.test_webhook import projected, read

PUBLISHED = Path(__file__).parents[4] / "shared" / "corpus" / "r2" / "cloudflare-docs"
pytestmark = pytest.mark.skipif(not PUBLISHED.is_dir(), reason="../shared/corpus is absent")


def published(name):
    return (PUBLISHED / f"{name}.json").read_bytes()


def test_a_published_notification_becomes_a_row():
    row = projected(published("message.CopyObject"))
    assert row.id == "my-bucket/my-new-object"
    assert row.values["size"] == 65536
    assert row.values["etag"] == "c846ff7a18f28c2e262116d6e8719ef0"


@pytest.mark.parametrize("end", ["created", "deleted"])
def test_a_published_event_about_a_bucket_is_about_no_object(end):
    event = read(published(f"event-subscription.bucket.{end}"))
    assert event.type == f"cf.r2.bucket.{end}"
    assert event.snapshot.object_type not in R2.mirrors


def test_a_published_acknowledgement_is_what_we_send(queue):
    from integrations.r2.queue import acknowledge

    acknowledge(["lease_id1", "lease_id2", "lease_id3"])
    assert queue.requests == [("ack", {"acks": json.loads(published("queue-ack-request"))["acks"]})]


def test_a_published_answer_to_a_pull_is_understood(queue):
    import httpx

    from integrations.r2.queue import pull

    for name in ("queue-pull-response", "queue-pull-response.older"):
        queue.answers = [httpx.Response(200, content=published(name), headers=_JSON)]
        # both say that they are json, and are not
        assert [message.body for message in pull()] == [b"hello", b"world"]


_JSON = {"content-type": "application/json"}
