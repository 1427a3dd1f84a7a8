"""What R2 says when it is asked: of one object, and of all under the prefixes. R2 is moto here."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from integrations.errors import Permanent, Transient
from integrations.r2 import R2, objects
from integrations.r2.client import client
from integrations.r2.effects import TARGET
from integrations.r2.objects import head, page
from settings import settings

NOW = datetime.now(UTC)
SETTLE = TARGET.actions["settle"]


def put(bucket, key, **more):
    client().put_object(Bucket=bucket, Key=key, Body=b"hello", **more)


def row(snapshot):
    (made,) = R2.mirrors["object"].project(snapshot)
    return made


def test_a_head_tells_all_that_the_row_holds(bucket):
    put(bucket, "a/b c", ContentType="text/plain", CacheControl="no-store", Metadata={"by": "ada"})
    found = row(head(bucket, "a/b c"))

    assert found.id == f"{bucket}/a/b c"
    assert found.whole
    values = dict(found.values)
    assert abs(values.pop("last_modified") - datetime.now(UTC)) < timedelta(minutes=5)
    assert values.pop("storage_class") in {None, "STANDARD"}
    assert values == {
        "bucket": bucket,
        "key": "a/b c",
        "size": 5,
        "etag": "5d41402abc4b2a76b9719d911017c592",  # md5 of hello
        "content_type": "text/plain",
        "content_encoding": None,
        "cache_control": "no-store",
        "custom_metadata": {"by": "ada"},
    }


def test_a_head_of_what_is_not_there_says_that_it_is_gone(bucket):
    snapshot = head(bucket, "nothing")
    assert snapshot.gone_at is not None
    assert snapshot.clock == int(snapshot.gone_at.timestamp() * 1000)
    assert snapshot.source == "fetch"


def test_the_clock_of_a_head_is_the_date_of_the_answer_less_its_duration(bucket, monkeypatch):
    put(bucket, "a")
    date = "Fri, 24 May 2024 19:36:44 GMT"
    answer = client().head_object(Bucket=bucket, Key="a")
    answer["ResponseMetadata"]["HTTPHeaders"]["date"] = date
    monkeypatch.setattr(objects, "client", lambda: SimpleNamespace(head_object=lambda **_: answer))
    monkeypatch.setattr(objects, "monotonic", iter([100.0, 102.5]).__next__)

    # 44 s less 2.5 s, rounded down
    expected = datetime(2024, 5, 24, 19, 36, 41, tzinfo=UTC)
    assert head(bucket, "a").clock == expected.timestamp() * 1000


def test_a_list_tells_page_by_page_what_changed_when_and_is_not_whole(bucket):
    for key in ("a/1", "a/2", "b/1"):
        put(bucket, key)
    found = page("a/").snapshots

    assert [row(s).values["key"] for s in found] == ["a/1", "a/2"]
    assert [row(s).whole for s in found] == [False, False]
    changed = row(found[0]).values["last_modified"]
    assert found[0].clock == int(changed.timestamp() * 1000)
    assert [row(s).values["key"] for s in page("a/", after="a/1").snapshots] == ["a/2"]
    assert {s.source for s in found} == {"list"}


def test_a_page_that_is_not_the_last_says_behind_which_key_to_go_on(bucket, monkeypatch):
    for number in range(3):
        put(bucket, f"a/{number}")
    real = client()

    def two_at_a_time(**asked):
        return real.list_objects_v2(**asked, MaxKeys=2)

    fake = SimpleNamespace(list_objects_v2=two_at_a_time)
    monkeypatch.setattr(objects, "client", lambda: fake)
    first = page("")
    assert (len(first.snapshots), first.last) == (2, "a/1")
    assert page("", "a/1").last is None


def test_the_prefixes_are_those_of_the_setting_or_one_for_all(bucket, monkeypatch):
    assert objects.prefixes() == ("",)
    monkeypatch.setenv("R2_PREFIXES", "uploads/")
    settings.cache_clear()
    assert objects.prefixes() == ("uploads/",)


def test_the_archives_own_objects_are_not_listed(bucket):
    put(bucket, "tallyman/events/stripe/x.gz")
    assert list(page("").snapshots) == []


def test_without_keys_the_target_is_off_and_a_call_says_what_to_set(monkeypatch):
    assert not TARGET.on()
    with pytest.raises(Permanent, match="R2_ENDPOINT_URL"):
        head("bucket", "key")


def test_with_keys_the_target_is_on(bucket):
    assert TARGET.on()


def test_a_refusal_is_permanent_and_says_what_r2_said(bucket, monkeypatch):
    monkeypatch.setenv("R2_BUCKET", "no-such-bucket")
    settings.cache_clear()
    with pytest.raises(Permanent, match="ListObjectsV2 answered 404 NoSuchBucket"):
        page("")


def test_an_address_where_nobody_is_is_transient(bucket, monkeypatch):
    monkeypatch.setenv("R2_ENDPOINT_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    with pytest.raises(Transient):
        head(bucket, "a")
