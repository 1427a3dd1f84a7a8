"""Bodies of old settled events leave the ledger, into the archive where that is on."""

import gzip
import json
from datetime import UTC, datetime

import pytest

from integrations.r2.archive import Entry, bundle
from settings import settings
from tests.worker.archives import OLD, bodies, content, objects, run, told
from tests.worker.stories import clerk, delivery, invoice, user
from worker import archive, archive_checks, dead_letters, search, state
from worker.schedule import schedule
from worker.search import Filter

NO_BODY = {"body": None, "headers": None}


def test_an_old_body_is_in_the_archive_and_no_longer_in_the_ledger(archiving, bucket, sql, ledger):
    first = invoice("evt_1")
    told(first, invoice("evt_2"))
    before = ledger()
    sql.execute(OLD)
    assert run() == "left=2"

    (key,) = objects(bucket)
    kept = ledger()["evt_1"]
    assert {name: kept[name] for name in NO_BODY} == NO_BODY
    assert kept["archive_key"] == key
    unmoved = {"status", "attempts", "error", "occurred_at", "settled_at", "type", "endpoint"}
    assert {n: kept[n] for n in unmoved} == {n: before["evt_1"][n] for n in unmoved}
    assert search.body("stripe", "evt_1") == first.body


def test_the_archive_can_be_read_without_the_ledger(archiving, bucket, sql):
    first = clerk("msg_1", "user.created", user())
    told(first, clerk("msg_2", "user.updated", user()), service="clerk")
    sql.execute("UPDATE events SET received_at = '2026-01-02 03:04:05+00'")
    run()

    (key,) = objects(bucket)
    assert key.startswith("tallyman/events/clerk/2026/01/02/03/")
    lines = gzip.decompress(content(bucket, key)).split(b"\n")
    assert json.loads(lines[0]) == {
        "service": "clerk",
        "event_id": "msg_1",
        "endpoint": "",
        "received_at": "2026-01-02T03:04:05+00:00",
        "headers": {"svix-id": "msg_1"},
        "length": len(first.body),
    }
    assert lines[1] == first.body


def test_a_range_of_the_archive_is_one_event_by_itself(archiving, bucket, sql, ledger):
    told(*(invoice(f"evt_{n}") for n in range(5)))
    sql.execute(OLD)
    run()
    (key,) = objects(bucket)
    whole, row = content(bucket, key), ledger()["evt_3"]
    member = whole[row["archive_offset"] : row["archive_offset"] + row["archive_length"]]
    assert gzip.decompress(member).split(b"\n")[1] == invoice("evt_3").body


@pytest.mark.parametrize("body", [b"", b"\n", b"\xff\x00 no text", b"{}\n\n"])
def test_any_bytes_come_back_as_they_were(body, archiving, sql):
    told(delivery(body))
    sql.execute("UPDATE events SET status = 'discarded'")
    sql.execute(OLD)
    run()
    (id, kept), *_ = sql.execute("SELECT event_id, body FROM events").fetchall()
    assert kept is None
    assert search.body("stripe", id) == body


def test_each_service_and_hour_has_its_own_object(archiving, bucket, sql):
    told(invoice("evt_1"), invoice("evt_2"), invoice("evt_3"))
    told(clerk("msg_1", "user.created", user()), service="clerk")
    sql.execute("UPDATE events SET received_at = '2026-01-02 03:04:05+00'")
    sql.execute("UPDATE events SET received_at = '2026-01-02 04:00:00+00' WHERE event_id = 'evt_3'")
    assert run() == "left=4"
    folders = [key.removeprefix("tallyman/events/").rpartition("/")[0] for key in objects(bucket)]
    assert folders == ["clerk/2026/01/02/03", "stripe/2026/01/02/03", "stripe/2026/01/02/04"]


def test_an_hour_that_is_too_much_for_one_object_has_several(archiving, bucket, sql, monkeypatch):
    monkeypatch.setattr(archive, "BYTES", 1)
    told(invoice("evt_1"), invoice("evt_2"))
    sql.execute(OLD)
    assert run() == "left=2"
    assert len(objects(bucket)) == 2


@pytest.mark.parametrize("status", ["received", "retrying", "dead"])
def test_a_body_that_is_still_needed_stays(status, archiving, bucket, sql, ledger):
    told(invoice("evt_1"))
    sql.execute("UPDATE events SET status = %s", [status])
    sql.execute(OLD)
    assert run() == "left=0"
    assert bodies(ledger) == {"evt_1": invoice("evt_1").body}


def test_a_young_body_stays_and_so_does_one_of_an_hour_that_is_not_all_old(archiving, sql, ledger):
    told(invoice("evt_1"), invoice("evt_2"))
    sql.execute(
        "UPDATE events SET received_at = date_trunc('hour', now() - interval '30 days')"
        " WHERE event_id = 'evt_1'"
    )
    assert run() == "left=0"
    assert None not in bodies(ledger).values()


def test_nothing_leaves_where_no_retention_is_set(sql, bucket, ledger):
    told(invoice("evt_1"))
    sql.execute(OLD)
    assert run() == "left=0"
    assert None not in bodies(ledger).values()


def test_without_the_archive_old_bodies_are_emptied(retention, sql, ledger):
    told(invoice("evt_1"), invoice("evt_2"))
    sql.execute(f"{OLD} WHERE event_id = 'evt_1'")
    assert run() == "left=1"

    assert bodies(ledger) == {"evt_1": None, "evt_2": invoice("evt_2").body}
    assert ledger()["evt_1"]["archive_key"] is None
    assert search.body("stripe", "evt_1") is None
    assert dead_letters.replay(Filter(id="evt_1"), 1) == []


def test_the_same_entries_make_the_same_object():
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    entries = [Entry("stripe", f"evt_{n}", "", at, {}, b"{}") for n in range(3)]
    assert bundle(entries) == bundle(list(entries))
    assert bundle(entries).key != bundle(entries[:2]).key


@pytest.mark.parametrize(
    ("given", "task"), [("archiving", "r2.sync.archive"), ("retention", "upkeep.retire")]
)
def test_what_is_due_is_what_the_settings_ask_for(given, task, request):
    request.getfixturevalue(given)
    tasks = {entry.task for entry in schedule(settings()).values()}
    assert tasks & {"r2.sync.archive", "upkeep.retire"} == {task}


@pytest.mark.parametrize(
    "missing", ["R2_ENDPOINT_URL", "R2_BUCKET", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY"]
)
def test_what_cannot_be_archived_yet_is_neither_tried_nor_emptied(missing, archiving, monkeypatch):
    monkeypatch.delenv(missing)
    settings.cache_clear()
    assert schedule(settings()).keys() & {"archive", "retention"} == set()
    (finding,) = archive_checks.findings()
    assert finding.level == "fail"
    assert missing in finding.mend


def test_the_oldest_body_that_should_have_left_is_told(archiving, sql):
    told(invoice("evt_1"), invoice("evt_2"))
    assert [f.level for f in archive_checks.findings()] == ["ok"]
    sql.execute(f"{OLD} WHERE event_id = 'evt_1'")

    ((service, seconds),) = state.overdue(["stripe", "clerk"])
    assert (service, seconds // 86400) == ("stripe", 10)
    (finding,) = archive_checks.findings()
    assert (finding.level, "stripe: 10 days" in finding.what) == ("warn", True)
    run()
    assert list(state.overdue(["stripe", "clerk"])) == []


def test_nothing_is_overdue_where_bodies_stay(sql):
    told(invoice("evt_1"))
    sql.execute(OLD)
    assert list(state.overdue(["stripe"])) == []
    assert list(archive_checks.findings()) == []
