"""A redrive in steps keeps each entity's order, and leaves out what nobody needs any more."""

from secrets import token_hex
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from db.models.events import EventRecord as E
from db.session import transaction
from tests import handlers
from tests.worker.canary.dying import customers, refuse
from tests.worker.stories import customer_event, drained, put, retried, stripe
from worker import causes, redrives
from worker.superseded import look

OF_ONE = [customer_event(f"evt_{n}", n, name=f"Name {n}") for n in (3, 1, 2)]


def product_event(event_id, at, **fields):
    """An event that only its row would remember."""
    object = {"object": "product", "id": "prod_1", "name": event_id, "updated": at} | fields
    return stripe(event_id, "product.updated", object, at)


def test_of_one_entity_the_older_go_first_and_the_younger_wait_for_them(died, advance, counts):
    died(*OF_ONE)
    id = redrives.start(causes.causes()[0])
    for _ in range(3):
        advance(id)
        assert counts(id)["sent"] == 1
        retried()
    advance(id)
    assert [event.id for event in handlers.calls] == ["evt_1", "evt_2", "evt_3"]
    assert counts(id) == {"mended": 3}


def test_one_that_fails_holds_back_those_of_its_entity_and_no_others(died, advance, counts, ledger):
    died(*customers(*range(20, 30)), *OF_ONE, customer_event("evt_30", 30))
    (cause,) = causes.causes()
    handlers.behaviour["customer.updated"] = lambda s, e: refuse(s, e) if e.id == "evt_2" else None
    id = redrives.start(cause, halt_percent=20)
    for _ in range(8):
        advance(id, seconds=60)
        retried()

    assert redrives.listed(id=id)[0].status == "complete"
    assert counts(id) == {"died": 1, "held": 2, "mended": 11}
    dead = {id for id, kept in ledger().items() if kept["status"] == "dead"}
    assert dead == {"evt_2", "evt_3", "evt_30"}


@pytest.fixture
def superseded(died, sql):
    """Two product events that died, of which the row tells something newer than the first."""
    put(product_event("evt_old", 100), product_event("evt_new", 300))
    drained()
    put(product_event("evt_mid", 200), product_event("evt_last", 400))
    drained()
    sql.execute(
        "UPDATE events SET status = 'dead', error = 'ValueError: our defect', settled_at = now()"
        " WHERE event_id IN ('evt_mid', 'evt_last')"
    )
    sql.execute("UPDATE stripe_products SET clock = 300000, last_event_id = 'evt_new'")


def test_what_the_row_is_newer_than_is_closed_and_not_sent(superseded, advance, counts, ledger):
    id = redrives.start(causes.causes()[0])
    advance(id)
    retried()
    assert advance(id).status == "complete"

    assert counts(id) == {"mended": 1, "superseded": 1}
    kept = ledger()
    assert (kept["evt_mid"]["status"], kept["evt_last"]["status"]) == ("discarded", "handled")
    assert kept["evt_mid"]["reason"] == "superseded: the row is as new already, by evt_new"


LETTERS = select(E.event_id, E.endpoint, E.body, E.headers, E.received_at)


def looked(*ids):
    with transaction() as session:
        found = session.execute(LETTERS.where(E.event_id.in_(ids))).all()
        return {one.id: one for one in look(session, "stripe", found)}


def test_what_a_sync_has_repaired_is_superseded(superseded, sql):
    sql.execute("UPDATE stripe_products SET clock = 400000, source = 'list', last_event_id = NULL")
    found = looked("evt_last")
    assert found["evt_last"].reason == "superseded: the row is as new already, by a sync"


def test_the_same_version_from_an_event_is_not(superseded, sql):
    sql.execute("UPDATE stripe_products SET clock = 400000")
    assert looked("evt_last")["evt_last"].reason is None


def test_what_a_handler_waits_for_is_never_superseded(died, sql):
    died(customer_event("evt_1", 1))
    put(customer_event("evt_2", 2))
    drained()
    found = looked("evt_1")["evt_1"]
    assert (found.reason, found.entity) == (None, "/customer/cus_1")


def test_a_deletion_is_superseded_only_by_a_deletion(died, sql):
    gone = stripe("evt_gone", "product.deleted", {"object": "product", "id": "prod_1"}, 200)
    put(product_event("evt_new", 300), gone)
    drained()
    assert looked("evt_gone")["evt_gone"].reason
    sql.execute("UPDATE stripe_products SET deleted_at = NULL")
    assert looked("evt_gone")["evt_gone"].reason is None


def test_what_cannot_be_read_is_an_entity_of_its_own(sql):
    from tests.worker.stories import delivery

    put(delivery(b"{"))
    drained()
    ((id,),) = sql.execute("SELECT event_id FROM events").fetchall()
    assert looked(id)[id].entity == f"?{id}"


def test_an_id_that_no_index_takes_stops_nobody(died, advance, counts):
    died(stripe("evt_1", "invoice.paid", {"object": "topup", "id": token_hex(4000)}))
    id = redrives.start(causes.causes()[0])
    advance(id)
    assert counts(id) == {"sent": 1}


def test_one_that_cannot_be_looked_at_is_unknown_and_the_others_are_looked_at(superseded):
    with transaction() as session:
        (old,) = session.execute(LETTERS.where(E.event_id == "evt_mid"))
        broken = SimpleNamespace(**dict(old._mapping) | {"event_id": "evt_x", "body": "not bytes"})
        found = look(session, "stripe", [broken, old])
    assert [(one.entity, bool(one.reason)) for one in found] == [
        ("?evt_x", False),
        ("/product/prod_1", True),
    ]
