"""A person is forgotten while bodies go into the archive, or are read from there."""

import pytest

from integrations.errors import Permanent, Transient
from integrations.r2 import archive as of_r2
from integrations.r2 import members
from integrations.r2.client import client
from integrations.r2.place import Place
from tests.worker import archives
from tests.worker.erase.conftest import WORDS
from tests.worker.erase.people import BOB
from worker import archive_lock, erase, search
from worker.erase import Given

USER = Given("clerk-user", "user_1")


def test_nothing_is_archived_while_a_person_is_forgotten(
    archiving, known, bucket, sql, monkeypatch
):
    sql.execute(archives.OLD)
    real, turns = members.places, []

    def meanwhile():
        yield from real()
        turns.append(archives.run())

    monkeypatch.setattr(members, "places", meanwhile)
    assert erase.erase(USER, "ops").whole
    assert turns == ["left=0"]
    assert archives.objects(bucket) == []


def test_no_person_is_forgotten_while_bodies_are_being_archived(
    archiving, known, bucket, sql, monkeypatch
):
    monkeypatch.setattr(archive_lock, "_PATIENCE", "10ms")
    sql.execute(archives.OLD)
    real, refused = of_r2.store, []

    def meanwhile(bundle):
        with pytest.raises(Transient, match="ask again") as raised:
            erase.erase(USER, "ops")
        refused.append(raised)
        return real(bundle)

    monkeypatch.setattr(of_r2, "store", meanwhile)
    assert archives.run() != "left=0"
    assert refused


@pytest.mark.usefixtures("archiving", "known")
@pytest.mark.parametrize("name", ["0.gz", "z.gz"])
def test_an_object_that_no_row_names_needs_no_second_erasure(name, sql, bucket, everywhere):
    sql.execute(archives.OLD + " WHERE service = 'stripe'")
    archives.run()
    (key,) = archives.objects(bucket)
    beside = f"{key.rpartition('/')[0]}/{name}"  # listed before the other one, or after it
    client().copy_object(Bucket=bucket, Key=beside, CopySource={"Bucket": bucket, "Key": key})

    assert erase.erase(USER, "ops").whole
    rest = everywhere().lower().replace(BOB, "")
    assert [word for word in WORDS if word.lower() in rest] == []
    assert BOB in everywhere()


def test_a_body_that_was_moved_since_its_place_was_read_is_found(
    archiving, known, bucket, sql, monkeypatch
):
    before = search.body("stripe", "evt_5")
    sql.execute(archives.OLD)
    archives.run()
    real = of_r2.fetch

    def late(place, event_id):
        monkeypatch.setattr(of_r2, "fetch", real)
        erase.erase(USER, "ops")  # the object is written again, and the old one goes
        return real(place, event_id)

    monkeypatch.setattr(of_r2, "fetch", late)
    assert search.body("stripe", "evt_5") == before
    monkeypatch.setattr(of_r2, "fetch", lambda *_: real(Place("gone", 0, 9), "evt_5"))
    with pytest.raises(Permanent):
        search.body("stripe", "evt_5")
