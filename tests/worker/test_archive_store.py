"""What goes wrong with the archive keeps bodies where they are, and stops no other service."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import Barrier

import pytest
from structlog.testing import capture_logs

from integrations.errors import Permanent
from integrations.r2 import archive as of_r2
from integrations.r2.archive import Entry, bundle
from integrations.r2.client import client
from settings import settings
from tests.worker.archives import OLD, bodies, content, objects, run, told
from tests.worker.stories import clerk, invoice, user
from worker import archive, dead_letters, search
from worker.search import Filter


def made(ledger):
    """Return the object that is made of all that is in the ledger."""
    found = sorted(ledger().items(), key=lambda item: (item[1]["received_at"], item[0]))
    return bundle(
        [
            Entry("stripe", id, "", row["received_at"], row["headers"], bytes(row["body"]))
            for id, row in found
        ]
    )


def test_a_body_stays_while_the_archive_is_away(archiving, sql, ledger, monkeypatch):
    told(invoice("evt_1"))
    sql.execute(OLD)
    with monkeypatch.context() as away:
        away.setenv("R2_ENDPOINT_URL", "http://127.0.0.1:9")
        settings.cache_clear()
        assert run() == "left=0 failed=stripe"
        assert None not in bodies(ledger).values()
    settings.cache_clear()
    assert run() == "left=1"


def test_a_body_stays_where_what_is_read_back_is_not_what_was_put(archiving, sql, ledger, spoiling):
    told(invoice("evt_1"))
    sql.execute(OLD)
    spoiling(b"other bytes")
    assert run() == "left=0 failed=stripe"
    assert None not in bodies(ledger).values()


def test_one_whose_answer_was_lost_is_put_again_and_is_the_same(archiving, bucket, sql, ledger):
    told(invoice("evt_1"), invoice("evt_2"))
    sql.execute(OLD)
    of_r2.store(made(ledger))  # the process ended here
    assert run() == "left=2"
    assert objects(bucket) == [ledger()["evt_1"]["archive_key"]]


def test_a_replay_that_begins_meanwhile_keeps_its_body(archiving, sql, ledger, monkeypatch):
    told(invoice("evt_1"))
    sql.execute(OLD)
    real = of_r2.store

    def meanwhile(bundle):
        dead_letters.replay(Filter(id="evt_1"), 1)
        return real(bundle)

    monkeypatch.setattr(of_r2, "store", meanwhile)
    assert run() == "left=0"
    assert bodies(ledger) == {"evt_1": invoice("evt_1").body}


def test_a_body_that_is_another_by_now_stays(archiving, sql, ledger, monkeypatch):
    told(invoice("evt_1"))
    sql.execute(OLD)
    real = of_r2.store

    def meanwhile(bundle):
        sql.execute("UPDATE events SET body = 'without what is secret'")
        return real(bundle)

    monkeypatch.setattr(of_r2, "store", meanwhile)
    assert run() == "left=0"
    assert bodies(ledger) == {"evt_1": b"without what is secret"}


def test_a_row_that_somebody_has_locked_is_left_for_the_next_time(archiving, sql, ledger):
    told(invoice("evt_1"), invoice("evt_2"))
    sql.execute(OLD)
    with sql.transaction():
        sql.execute("SELECT FROM events WHERE event_id = 'evt_1' FOR UPDATE")
        assert run() == "left=1"
    assert bodies(ledger) == {"evt_1": invoice("evt_1").body, "evt_2": None}
    assert run() == "left=1"


@pytest.mark.parametrize("says", [False, True])
def test_what_is_damaged_is_left_and_the_bodies_go_beside_it(says, archiving, bucket, sql, ledger):
    told(invoice("evt_1"))
    sql.execute(OLD)
    first = made(ledger)
    metadata = {"sha256": sha256(first.content).hexdigest()} if says else {}
    client().put_object(Bucket=bucket, Key=first.key, Body=b"other bytes", Metadata=metadata)

    with capture_logs() as logs:
        assert run() == "left=1"
    beside = ledger()["evt_1"]["archive_key"]
    assert sorted(objects(bucket)) == sorted([first.key, beside])
    assert content(bucket, first.key) == b"other bytes"
    assert search.body("stripe", "evt_1") == invoice("evt_1").body
    loud = [entry["key"] for entry in logs if entry["log_level"] == "error"]
    assert loud == [first.key]


def test_what_is_damaged_wherever_it_goes_stops_no_other_service(
    archiving, bucket, sql, ledger, monkeypatch
):
    told(invoice("evt_1"))
    told(clerk("msg_1", "user.created", user()), service="clerk")
    sql.execute(OLD)
    real = of_r2.store

    def damaged(bundle):
        if "/stripe/" in bundle.key:
            raise Permanent("damaged")
        return real(bundle)

    monkeypatch.setattr(of_r2, "store", damaged)
    assert run() == "left=1 failed=stripe"
    assert bodies(ledger) == {"evt_1": invoice("evt_1").body, "msg_1": None}


def test_four_archivers_at_once_move_each_body_once(archiving, bucket, sql, ledger, monkeypatch):
    monkeypatch.setattr(archive, "EVENTS", 4)
    monkeypatch.setenv("TIME_SLICE_SECONDS", "20")
    settings.cache_clear()
    sent = {f"evt_{n:02}": invoice(f"evt_{n:02}").body for n in range(20)}
    told(*map(invoice, sent))
    sql.execute(OLD)
    begin = Barrier(4)

    def retire():
        begin.wait()
        return archive.retire(["stripe"])

    with ThreadPoolExecutor(4) as threads:
        done = [one.result() for one in [threads.submit(retire) for _ in range(4)]]
    assert sum(one.bodies for one in done) == 20
    assert not any(one.failed for one in done)
    assert set(bodies(ledger).values()) == {None}
    assert {id: search.body("stripe", id) for id in sent} == sent
