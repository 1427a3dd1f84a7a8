"""R2's objects as a collection: all under the prefixes, and each by itself. R2 is moto here."""

from types import SimpleNamespace

import pytest

from integrations.errors import Permanent
from integrations.interface import Row
from integrations.r2 import R2, objects
from integrations.r2.client import client
from integrations.r2.sync import SYNC
from settings import settings

(OBJECTS,) = SYNC.collections


@pytest.fixture
def put(bucket):
    def put_all(*keys, **more):
        for key in keys:
            client().put_object(Bucket=bucket, Key=key, Body=b"hello", **more)

    return put_all


@pytest.fixture
def prefixes(bucket, monkeypatch):
    def be(value):
        monkeypatch.setenv("R2_PREFIXES", value)
        settings.cache_clear()

    return be


@pytest.fixture
def one_a_page(bucket, monkeypatch):
    real = client()
    fake = SimpleNamespace(list_objects_v2=lambda **asked: real.list_objects_v2(**asked, MaxKeys=1))
    monkeypatch.setattr(objects, "client", lambda: fake)


def listed(cursor=None):
    assert OBJECTS.whole is not None
    return OBJECTS.whole("", cursor)


def fetch(id):
    assert OBJECTS.fetch is not None
    return OBJECTS.fetch("", id)


def row(snapshot):
    made = R2.mirrors["object"].project(snapshot)[0]
    assert isinstance(made, Row)
    return made


def walk(meanwhile=lambda: None):
    keys, cursor = [], None
    while True:
        page = listed(cursor)
        keys += [snapshot.object["key"] for snapshot in page.snapshots]
        meanwhile()
        if (cursor := page.after) is None:
            return keys


def test_all_is_listed_where_no_prefix_is_set(put):
    put("b", "a", "tallyman/events/stripe/x.gz")
    assert walk() == ["a", "b"]


def test_each_prefix_is_listed_to_its_end_and_no_object_twice(put, prefixes, one_a_page):
    put("a/1", "a/b/2", "a/c", "b/1", "c/1", "d/1")
    prefixes("c/, a/, a/b/, d/")
    assert walk() == ["a/1", "a/b/2", "a/c", "c/1", "d/1"]


def test_a_prefix_without_objects_ends_no_listing(put, prefixes):
    put("z/1")
    prefixes("a/,z/")
    assert walk() == ["z/1"]


def test_what_is_deleted_meanwhile_has_none_left_out(put, bucket, one_a_page):
    put("a", "b", "c")
    assert walk(lambda: client().delete_object(Bucket=bucket, Key="a")) == ["a", "b", "c"]


def test_a_listed_object_is_not_whole_and_a_fetched_one_is(put, bucket):
    put("a", ContentType="text/plain", Metadata={"by": "ada"})
    (told,), fetched = listed().snapshots, fetch(f"{bucket}/a")
    rows = [row(told), row(fetched)]

    assert [row.whole for row in rows] == [False, True]
    assert [row.values["content_type"] for row in rows] == [None, "text/plain"]
    assert [told.source, fetched.source] == ["list", "fetch"]
    assert told.clock <= fetched.clock + 1000


def test_what_is_not_there_any_more_is_gone(bucket):
    assert fetch(f"{bucket}/a").gone_at is not None


def test_an_id_without_a_key_is_refused(bucket):
    with pytest.raises(Permanent):
        fetch(bucket)


def test_objects_of_other_buckets_and_under_no_prefix_are_left_out(bucket, prefixes):
    prefixes("a/")
    assert not OBJECTS.leaves_out({"bucket": bucket, "key": "a/1"})
    assert OBJECTS.leaves_out({"bucket": "another", "key": "a/1"})
    assert OBJECTS.leaves_out({"bucket": bucket, "key": "b/1"})


def test_it_is_off_without_a_bucket_and_on_with_one(bucket, monkeypatch):
    assert SYNC.on()
    monkeypatch.setenv("R2_BUCKET", "")
    settings.cache_clear()
    assert not SYNC.on()
