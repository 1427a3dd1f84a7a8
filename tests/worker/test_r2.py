"""From a notification to the row that a HEAD settled: keys are used again, hints may be wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from db.session import transaction
from integrations.r2 import R2
from integrations.r2.client import client
from integrations.r2.effects import TARGET, settles
from integrations.r2.objects import page
from integrations.schema import dump
from simulator import r2
from tests.worker.stories import POLICY, delivery
from worker import effect_leases, fetched, inbox, outbox
from worker.deliver import deliver
from worker.drain import drain

KEY = "uploads/Example.png"
AGO = timedelta(minutes=5)


@pytest.fixture
def tell(bucket, sql):
    """Apply a notification, and add what it asks for."""

    def run(action, at, key=KEY, **fields):
        obj = r2.stored(key=key, **fields) | {"bucket": bucket}
        body = dump(r2.notification(action, obj, at.timestamp())).encode()
        told = delivery(body, "r2")
        inbox.put(told)
        assert "handled=1" in drain(R2, POLICY)
        event = R2.read(told)
        with transaction() as session:
            outbox.add(session, [(event, effect) for effect in settles(event)])

    return run


@pytest.fixture
def settled(sql):
    """Perform what is asked of R2, and return the row of the key."""

    def run():
        deliver(TARGET, POLICY)
        shown = "content_type, size, deleted_at IS NOT NULL, source, refetch_at"
        return sql.execute(f"SELECT {shown} FROM r2_objects").fetchone()

    return run


def test_a_head_adds_what_the_notification_does_not_tell(tell, settled, bucket, sql):
    client().put_object(Bucket=bucket, Key=KEY, Body=b"hello", ContentType="image/png")
    tell("PutObject", datetime.now(UTC) - AGO, size=5)
    assert settled() == ("image/png", 5, False, "fetch", None)
    assert sql.execute("SELECT DISTINCT status FROM effects").fetchall() == [("sent",)]


def test_a_hint_that_is_wrong_by_now_is_corrected(tell, settled, bucket):
    tell("PutObject", datetime.now(UTC) - AGO)
    assert settled()[2] is True  # nothing is there


def test_an_object_that_was_told_to_be_deleted_and_is_there_is_there(tell, settled, bucket):
    client().put_object(Bucket=bucket, Key=KEY, Body=b"hello", ContentType="image/png")
    tell("DeleteObject", datetime.now(UTC) - AGO)
    assert settled() == ("image/png", 5, False, "fetch", None)


def test_the_time_of_a_deletion_is_the_one_that_was_told(tell, settled, sql):
    at = datetime.now(UTC).replace(microsecond=0) - AGO
    tell("PutObject", at - AGO)
    tell("DeleteObject", at)
    settled()
    assert sql.execute("SELECT deleted_at FROM r2_objects").fetchone() == (at,)


def test_a_late_older_notification_does_not_undo_what_was_settled(tell, settled, bucket):
    client().put_object(Bucket=bucket, Key=KEY, Body=b"hello", ContentType="image/png")
    tell("PutObject", datetime.now(UTC) - AGO)
    settled()
    tell("DeleteObject", datetime.now(UTC) - 2 * AGO)
    tell("PutObject", datetime.now(UTC) - 3 * AGO, size=99)
    assert settled() == ("image/png", 5, False, "fetch", None)


def test_many_notifications_of_an_object_are_settled_by_one_call(tell, sql, bucket):
    for minutes in range(3):
        tell("PutObject", datetime.now(UTC) - (minutes + 1) * AGO)
    assert effect_leases.due(["r2"]) == ["r2"]
    assert deliver(TARGET, POLICY) == "sent=1"
    assert sorted(sql.execute("SELECT status FROM effects").fetchall()) == [
        ("merged",),
        ("merged",),
        ("sent",),
    ]


def test_one_that_is_too_new_waits_and_the_others_do_not(tell, sql, bucket):
    tell("PutObject", datetime.now(UTC) + timedelta(seconds=20), key="new")
    tell("PutObject", datetime.now(UTC) - AGO, key="old")
    assert deliver(TARGET, POLICY) == "sent=1 waiting=1"
    query = "SELECT attempts FROM effects WHERE entity LIKE '%/new'"
    assert sql.execute(query).fetchone() == (0,)


def test_a_list_adds_what_nobody_told_and_takes_nothing_back(tell, settled, bucket, sql):
    client().put_object(Bucket=bucket, Key=KEY, Body=b"hello", ContentType="image/png")
    client().put_object(Bucket=bucket, Key="uploads/unknown", Body=b"hi")
    tell("PutObject", datetime.now(UTC) - AGO)
    settled()
    # its last change is not newer than what the HEAD said of it
    sql.execute("UPDATE r2_objects SET clock = clock + 60000")
    fetched.write("r2", page("uploads/").snapshots)

    query = "SELECT key, content_type, source, refetch_at IS NULL FROM r2_objects ORDER BY key"
    assert sql.execute(query).fetchall() == [
        (KEY, "image/png", "fetch", True),
        ("uploads/unknown", None, "list", False),
    ]


def test_a_list_that_is_older_than_a_deletion_does_not_lift_it(tell, bucket, sql):
    client().put_object(Bucket=bucket, Key=KEY, Body=b"hello")
    told = page("uploads/").snapshots
    tell("DeleteObject", datetime.now(UTC) + AGO)
    fetched.write("r2", told)
    assert sql.execute("SELECT deleted_at IS NOT NULL FROM r2_objects").fetchone() == (True,)
