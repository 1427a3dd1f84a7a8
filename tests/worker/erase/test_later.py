"""What is on its way while a person is forgotten, and what comes afterwards."""

import pytest
from sqlalchemy.exc import OperationalError

from integrations.loops import LOOPS
from tests.worker.erase.conftest import ADDRESS, NAME
from tests.worker.erase.people import charge, contact, user
from tests.worker.stories import POLICY, T0, clerk, drained, put, stripe
from worker import dead_letters, erase, erasure_checks, search, why
from worker.drain import drain
from worker.erase import Given

USER = Given("clerk-user", "user_1")


def test_what_is_dead_is_closed_and_what_somebody_works_on_is_asked_for_again(
    known, bucket, sql, ledger
):
    sql.execute("UPDATE events SET status = 'dead' WHERE event_id = 'm4'")
    sql.execute(
        "UPDATE events SET lease_token = gen_random_uuid(),"
        " lease_until = now() + interval '1 min' WHERE event_id = 'evt_3'"
    )
    outcome = erase.erase(USER, "ops")
    assert not outcome.whole
    assert ledger()["m4"]["status"] == "discarded"
    assert ledger()["evt_3"]["body"] is not None
    names = "SELECT first_name FROM clerk_users WHERE id = 'user_1'"
    assert sql.execute(names).fetchone() == ("Ada",)  # by it the rest is found again
    sql.execute("UPDATE events SET lease_until = now() - interval '1 s'")
    assert erase.erase(USER, "ops").whole
    emptied = ledger()["evt_3"]
    assert (emptied["body"], emptied["lease_token"], emptied["lease_until"]) == (None, None, None)


@pytest.mark.parametrize("status", ["received", "retrying"])
def test_it_is_refused_while_an_event_in_the_ledger_is_not_applied(status, known, bucket, sql):
    # about Bob, and Ada's address is in it
    sql.execute(f"UPDATE events SET status = '{status}' WHERE event_id = 'evt_6'")
    with pytest.raises(erase.WaitingError, match="1 of stripe"):
        erase.erase(USER, "ops")
    assert erase.preview(USER).warnings[-1] == "1 deliveries wait for stripe"
    sql.execute("UPDATE events SET status = 'dead' WHERE event_id IN ('evt_6', 'm1')")
    assert erase.preview(USER).counts["dead_letters_of_others"] == 1
    assert erase.erase(USER, "ops").whole


def test_what_comes_later_does_not_bring_the_row_back_and_is_reported(known, bucket, rows):
    erase.erase(USER, "ops")
    put(clerk("m8", "user.updated", user("user_1", ADDRESS, NAME, updated_at=(T0 + 99) * 1000)))
    put(stripe("evt_8", "charge.updated", charge("ch_1", "cus_1", NAME), T0 + 99))
    drained("clerk")
    drained("stripe")
    ada = next(row for row in rows("clerk_users") if row["id"] == "user_1")
    assert (ada["data"], ada["primary_email"]) == (None, None)
    assert [row.event_id for row in erase.returned(["clerk", "stripe"])] == ["m8"]
    assert erase.erase(USER, "ops").counts == {"bodies": 2}


def test_an_erased_body_is_told_as_such_and_cannot_be_replayed(known, bucket):
    erase.erase(USER, "ops")
    found = why.row("clerk_users", "user_1")
    assert "forgotten" in found.written_by
    assert all("its body was erased" in step.words for step in found.events)
    assert dead_letters.replay(search.Filter(service="clerk", exact_id="m1"), 1) == []


def test_what_is_told_of_a_contact_later_does_not_bring_the_address_back(known, bucket, rows):
    erase.erase(USER, "ops")
    put(contact("clx1", "l9", ADDRESS, NAME, T0 + 99))
    drain(LOOPS, POLICY)
    ada = next(row for row in rows("loops_contacts") if row["id"] == "clx1")
    assert (ada["email"], ada["first_name"], ada["user_id"]) == (None, None, None)


def test_what_was_still_to_be_sent_of_the_person_is_discarded(known, bucket, sql):
    erase.erase(USER, "ops")
    found = sql.execute("SELECT status, payload FROM effects WHERE target = 'app' ORDER BY id")
    assert found.fetchall() == [
        ("sent", {}),
        ("discarded", {}),
        ("waiting", {"id": "user_12", "name": "Bob"}),
        ("discarded", {}),  # only a name, but because of an event of theirs
    ]


def test_doctor_tells_who_came_back_and_what_could_not_be_asked(known, bucket, sql, monkeypatch):
    erase.erase(USER, "ops")
    put(clerk("m8", "user.updated", user("user_1", ADDRESS, NAME, updated_at=(T0 + 99) * 1000)))
    drained("clerk")
    sql.execute("UPDATE erasures SET finished_at = NULL")
    came, begun = [finding.what for finding in erasure_checks.findings()]
    assert came.startswith("clerk: 1 events of the last 30 days are about people who were erased")
    assert "not finished" in begun

    def late(services):
        raise OperationalError("SELECT", {}, Exception("canceling statement"))

    monkeypatch.setattr(erasure_checks, "returned", late)
    unknown, begun = [finding.what for finding in erasure_checks.findings()]
    assert "it is not known who came back" in unknown
    assert "not finished" in begun
