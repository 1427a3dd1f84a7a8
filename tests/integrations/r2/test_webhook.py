"""What is particular to R2's notifications: ids that nobody sends, prefixes, keys of any kind."""

import json
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from integrations.errors import Unreadable
from integrations.interface import Delivery, Row
from integrations.r2 import R2
from settings import settings
from simulator import r2

AT = datetime(2024, 5, 24, 19, 36, 44, 379_000, tzinfo=UTC)
# https://developers.cloudflare.com/r2/buckets/event-notifications/
COPIED = {
    "account": "3f4b7e3dcab231cbfdaa90a6a28bd548",
    "action": "CopyObject",
    "bucket": "my-bucket",
    "object": {
        "key": "my-new-object",
        "size": 65536,
        "eTag": "c846ff7a18f28c2e262116d6e8719ef0",
    },
    "eventTime": "2024-05-24T19:36:44.379Z",
    "copySource": {"bucket": "my-bucket", "object": "my-original-object"},
}
DELETED = COPIED | {"action": "DeleteObject", "object": {"key": "my-new-object"}}


def read(body, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return R2.read(Delivery("r2", "", raw, named, datetime.now(UTC)))


def projected(body):
    """Return the only row that a notification becomes."""
    (row,) = R2.mirrors["object"].project(read(body).snapshot)
    assert isinstance(row, Row)
    return row


@pytest.fixture
def prefixes(monkeypatch):
    def name(value):
        monkeypatch.setenv("R2_PREFIXES", value)
        settings.cache_clear()

    yield name
    monkeypatch.undo()
    settings.cache_clear()


def test_a_notification_tells_its_object_and_its_time():
    event = read(COPIED)
    assert (event.type, event.occurred_at, event.payload) == ("CopyObject", AT, COPIED)
    assert event.snapshot.clock == 1_716_579_404_379
    assert event.snapshot.object == {
        "object": "object",
        "id": "my-bucket/my-new-object",
        "bucket": "my-bucket",
        "key": "my-new-object",
        "size": 65536,
        "eTag": "c846ff7a18f28c2e262116d6e8719ef0",
    }
    assert event.snapshot.gone_at is None


@pytest.mark.parametrize("action", ["DeleteObject", "LifecycleDeletion"])
def test_a_deletion_has_neither_size_nor_etag_and_is_the_end_of_the_object(action):
    snapshot = read(DELETED | {"action": action}).snapshot
    assert snapshot.gone_at == AT
    assert "eTag" not in snapshot.object


def test_a_pulled_notification_has_the_id_that_the_worker_computes():
    parts = '["my-bucket","my-new-object","CopyObject","c846ff7a18f28c2e262116d6e8719ef0",'
    told = f'{parts}"2024-05-24T19:36:44.379Z"]'
    assert read(COPIED).id == sha256(told.encode()).hexdigest()


def test_the_id_of_a_deletion_has_an_empty_etag_in_it():
    told = '["my-bucket","my-new-object","DeleteObject","","2024-05-24T19:36:44.379Z"]'
    assert read(DELETED).id == sha256(told.encode()).hexdigest()


def test_the_id_is_of_the_notification_and_not_of_the_bytes():
    same = json.dumps(COPIED, indent=2).encode()
    assert read(same).id == read(COPIED).id
    assert read(COPIED | {"eventTime": "2024-05-24T19:36:44.380Z"}).id != read(COPIED).id


def test_a_pushed_notification_has_the_id_that_was_signed():
    assert read(COPIED, webhook_id="msg_1").id == "msg_1"


@pytest.mark.parametrize(
    ("key", "kept"), [("uploads/a", True), ("exports/b", True), ("other/c", False)]
)
def test_only_what_is_under_a_prefix_has_a_row(key, kept, prefixes):
    prefixes("uploads/, exports/")
    told = read(COPIED | {"object": {"key": key}})
    assert bool(told.snapshot.object_type) == kept
    assert told.type == "CopyObject"


def test_all_objects_have_rows_where_no_prefix_is_named_but_the_archives():
    assert read(COPIED).snapshot.object_type == "object"
    archived = COPIED | {"object": {"key": "tallyman/events/stripe/2026/01/01/00/ab.gz"}}
    assert read(archived).snapshot.object_type == ""


def test_another_event_of_the_same_queue_is_read_and_is_about_no_object():
    created = {
        "type": "cf.r2.bucket.created",
        "source": {"type": "r2"},
        "payload": {"name": "my-bucket"},
        "metadata": {"accountId": "f9f7", "eventTimestamp": "2025-05-01T02:48:57.132Z"},
    }
    event = read(created)
    assert event.type == "cf.r2.bucket.created"
    assert event.occurred_at == datetime(2025, 5, 1, 2, 48, 57, 132_000, tzinfo=UTC)
    assert event.snapshot.object_type == ""
    # whichever way it comes, and in whichever order its fields
    backwards = {
        name: dict(reversed(part.items())) if isinstance(part, dict) else part
        for name, part in reversed(created.items())
    }
    assert read(backwards, webhook_id="of the Worker").id == event.id == read(created).id
    sorted_ = json.dumps(created, sort_keys=True, separators=(",", ":"))
    assert event.id == sha256(sorted_.encode()).hexdigest()


@pytest.mark.parametrize("key", ["é" * 512, "a b/c?d#e%20", "/", "\U0001f600", "x" * 1024])
def test_a_key_may_be_anything_of_up_to_1024_bytes(key):
    told = r2.notification("PutObject", r2.stored(key=key), 0)
    row = projected(told)
    assert row.id == f"example-bucket/{key}"
    assert row.values["key"] == key


@pytest.mark.parametrize("key", ["", "é" * 513])
def test_a_key_that_r2_does_not_allow_is_unreadable(key):
    with pytest.raises(Unreadable, match=r"^Notification\.object\.key: "):
        read(COPIED | {"object": {"key": key}})


@pytest.mark.parametrize(
    ("spoilt", "field"),
    [
        ({"bucket": "a/b"}, "bucket"),
        ({"bucket": ""}, "bucket"),
        ({"action": None}, "action"),
        ({"object": []}, "object"),
        ({"eventTime": "soon"}, "event_?[tT]ime"),
    ],
)
def test_a_notification_with_a_wrong_field_is_unreadable_and_says_which(spoilt, field):
    with pytest.raises(Unreadable, match=rf"^Notification\.{field}"):
        read(COPIED | spoilt)
