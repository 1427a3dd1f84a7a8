"""A notification is a hint: a HEAD settles what it was about."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.effects import Sending
from integrations.errors import Deferred, Permanent, Transient
from integrations.r2.client import client
from integrations.r2.effects import TARGET, Known, settles
from settings import settings
from tests.integrations.r2.test_webhook import COPIED, read

NOW = datetime.now(UTC)
SETTLE = TARGET.actions["settle"]


@pytest.fixture
def named(monkeypatch):
    """Have R2_BUCKET name a bucket."""

    def name(bucket):
        monkeypatch.setenv("R2_BUCKET", bucket)
        settings.cache_clear()

    yield name
    monkeypatch.undo()
    settings.cache_clear()


def put(bucket, key, **more):
    client().put_object(Bucket=bucket, Key=key, Body=b"hello", **more)


def test_a_notification_asks_that_its_object_be_settled(named):
    named("my-bucket")
    (effect,) = settles(read(COPIED))
    assert (effect.target, effect.action, effect.entity) == (
        "r2",
        "settle",
        "my-bucket/my-new-object",
    )


@pytest.mark.parametrize("ours", ["", "other-bucket", "my-bucket-2"])
def test_an_object_of_a_bucket_that_is_not_ours_is_not_settled(named, ours):
    """The keys may not reach into it, and each effect would end as a dead letter."""
    named(ours)
    assert list(settles(read(COPIED))) == []


def test_an_effect_for_a_bucket_that_is_not_ours_asks_nothing(bucket):
    with pytest.raises(Permanent, match="not in R2_BUCKET"):
        settle("other-bucket", "a", Known())


def test_what_has_no_row_is_not_settled(named):
    named("my-bucket")
    archived = COPIED | {"object": {"key": "tallyman/events/x.gz"}}
    assert list(settles(read(archived))) == []


def settle(bucket, key, known):
    sending = Sending(key="k", occurred_at=NOW, entity=f"{bucket}/{key}")
    return SETTLE.send(sending, known)


def test_settling_tells_what_r2_has_now(bucket):
    put(bucket, "a/b")
    (snapshot,) = settle(bucket, "a/b", Known(clock=1))
    assert snapshot.object["id"] == f"{bucket}/a/b"
    assert snapshot.gone_at is None


def test_settling_tells_that_the_object_is_gone(bucket):
    (snapshot,) = settle(bucket, "a", Known(clock=1))
    assert snapshot.gone_at is not None


def test_settling_leaves_the_time_of_a_deletion_that_was_told(bucket):
    assert settle(bucket, "a", Known(clock=1, gone=True)) == []


def test_settling_waits_for_a_clock_that_is_ahead_of_r2s(bucket):
    put(bucket, "a")
    ahead = int((datetime.now(UTC) + timedelta(hours=1)).timestamp() * 1000)
    with pytest.raises(Transient) as waits:
        settle(bucket, "a", Known(clock=ahead))
    assert waits.value.retry_after is not None
    assert waits.value.retry_after > 3000


def test_a_row_that_is_too_new_is_settled_later_without_spending_an_attempt(sql):
    from db.session import transaction

    sql.execute(
        "INSERT INTO r2_objects (id, clock) VALUES ('b/a', extract(epoch FROM now()) * 1000)"
    )
    sending = Sending(key="k", occurred_at=NOW, entity="b/a")
    with transaction() as session, pytest.raises(Deferred) as deferred:
        SETTLE.read(session, sending)
    assert 0 < deferred.value.wait <= 2

    sql.execute("UPDATE r2_objects SET clock = clock - 5000")
    with transaction() as session:
        assert not SETTLE.read(session, sending).gone


def test_what_is_known_of_an_object_is_the_newest_of_content_and_deletion(sql):
    from db.session import transaction

    sql.execute(
        "INSERT INTO r2_objects (id, clock, deleted_at) VALUES ('b/a', 1000, to_timestamp(5))"
    )
    with transaction() as session:
        known = SETTLE.read(session, Sending(key="k", occurred_at=NOW, entity="b/a"))
        other = SETTLE.read(session, Sending(key="k", occurred_at=NOW, entity="b/x"))
    assert known == Known(5000, gone=True)
    assert other == Known()
