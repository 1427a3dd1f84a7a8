"""Rows that link people, rows of others with the person's address, and keys with addresses."""

import pytest

from tests.worker.erase.conftest import ADDRESS, NAME, PHONE
from tests.worker.erase.people import charge
from tests.worker.stories import T0, customer, drained, put, stripe
from worker import erase
from worker.erase import Given, tables
from worker.erase.walk import walk

USER = Given("clerk-user", "user_1")
LEASED = (
    "UPDATE events SET lease_token = gen_random_uuid(), lease_until = now() + interval '1 min'"
    " WHERE event_id = 'evt_3'"
)


def checkout(id, **fields):
    return {"object": "checkout.session", "id": id, "amount_total": 900, "created": T0} | fields


def bought(event_id, session):
    put(stripe(event_id, "checkout.session.completed", session))
    drained("stripe")


def test_a_customer_whom_only_a_checkout_links_is_found_again_until_all_is_done(
    known, bucket, sql, rows
):
    put(stripe("evt_20", "customer.created", customer("cus_2", name=NAME)))
    bought("evt_21", checkout("cs_2", customer="cus_2", client_reference_id="user_1"))
    sql.execute(LEASED)
    assert not erase.erase(USER, "ops").whole
    sql.execute("UPDATE events SET lease_until = NULL, lease_token = NULL")
    outcome = erase.erase(USER, "ops")
    assert outcome.whole
    assert outcome.person.ids["stripe"] == {"cus_1", "cus_2"}
    names = {row["id"]: row["name"] for row in rows("stripe_customers")}
    assert names == {"cus_1": None, "cus_2": None, "cus_12": "Bob Babbage"}
    (session,) = rows("stripe_checkout_sessions")
    assert (session["client_reference_id"], session["amount_total"]) == (None, 900)


def test_an_erasure_that_had_more_than_a_later_one_found_stays_unfinished(known, bucket, sql):
    sql.execute(LEASED)
    erase.erase(USER, "ops")
    sql.execute("UPDATE events SET lease_until = NULL, lease_token = NULL")
    sql.execute("UPDATE erasures SET ids = ids || ARRAY['of another customer']")
    assert erase.erase(USER, "ops").whole
    finished = sql.execute("SELECT finished_at IS NOT NULL FROM erasures ORDER BY id").fetchall()
    assert finished == [(False,), (True,)]


def test_what_is_applied_between_reading_and_writing_is_not_overwritten(
    known, bucket, rows, monkeypatch
):
    newer = charge("ch_12", "cus_12", "Bob") | {"description": f"again for {ADDRESS}", "amount": 7}

    def told_meanwhile(table, columns):
        for batch in walk(table, columns):
            if table.name == "stripe_charges":
                put(stripe("evt_30", "charge.updated", newer, T0 + 50))
                drained("stripe")
            yield batch

    monkeypatch.setattr(tables, "walk", told_meanwhile)
    erase.erase(USER, "ops")
    bobs = next(row for row in rows("stripe_charges") if row["id"] == "ch_12")
    assert (bobs["amount"], bobs["data"]["amount"]) == (7, 7)
    assert bobs["data"]["description"] == "again for erased"


def test_a_checkout_with_the_address_is_the_persons_only_where_no_customer_is_named(
    known, bucket, rows
):
    told = {"customer_details": {"email": ADDRESS.title()}, "metadata": {"of": "x"}}
    bought("evt_22", checkout("cs_bob", customer="cus_12", **told))
    bought("evt_23", checkout("cs_guest", customer=None, **told))
    erase.erase(USER, "ops")
    bobs, guests = rows("stripe_checkout_sessions")
    assert (bobs["id"], bobs["metadata"], bobs["customer_email"]) == (
        "cs_bob",
        {"of": "x"},
        "erased",
    )
    assert (guests["id"], guests["metadata"], guests["data"]) == ("cs_guest", None, None)


@pytest.fixture
def keyed(known, sql):
    """Effects whose keys or entities name somebody, a cursor, and what a listing showed."""
    payload = "INSERT INTO effects (target, action, key, status, payload) VALUES ('t', 'a', %s, %s,"
    for key, status in (
        (f"hi:{ADDRESS}", "sent"),
        (f"hi:{PHONE}", "sent"),
        ("hi:user_1", "waiting"),
        ("hi:user_12", "waiting"),
    ):
        sql.execute(payload + " '{\"n\": 1}')", [key, status])
    entity = "INSERT INTO effects (target, action, entity) VALUES ('t', 'settle', %s)"
    for one in (f"files/{ADDRESS}/a.png", "user_1"):
        sql.execute(entity, [one])
    sql.execute(
        "INSERT INTO sync_cursors (service, name, kind, cursor) VALUES ('r2', 'files', 'x', %s)",
        [f"{ADDRESS}/a.png"],
    )
    for one in (f"files/{ADDRESS}/a.png", "files/b.png"):
        sql.execute("INSERT INTO sync_seen (run_id, row_id) VALUES (1, %s)", [one])


def test_keys_stay_unique_and_nothing_is_done_under_another_name(keyed, bucket, sql):
    assert erase.erase(USER, "ops").whole
    found = sql.execute(
        "SELECT replace(key, id::text, 'N'), status, payload FROM effects"
        " WHERE target = 't' AND action = 'a' ORDER BY id"
    )
    assert found.fetchall() == [
        ("erased:N", "sent", {}),
        ("erased:N", "sent", {}),
        ("hi:user_1", "discarded", {}),
        ("hi:user_12", "waiting", {"n": 1}),
    ]
    settles = sql.execute("SELECT entity, status FROM effects WHERE action = 'settle' ORDER BY id")
    # how somebody is, is told still: that they are deleted
    assert settles.fetchall() == [("files/erased/a.png", "discarded"), ("user_1", "waiting")]


def test_cursors_stay_and_what_a_listing_showed_goes(keyed, bucket, sql):
    erase.erase(USER, "ops")
    assert sql.execute("SELECT cursor FROM sync_cursors WHERE service = 'r2'").fetchall() == [
        (f"{ADDRESS}/a.png",)
    ]
    assert sql.execute("SELECT row_id FROM sync_seen").fetchall() == [("files/b.png",)]
