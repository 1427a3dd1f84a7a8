"""Deliveries that came in past Redis wait in the ledger as `received`, and go the same way."""

import pytest

from tests import handlers
from tests.worker.stories import customer_event, delivery, drained, invoice, put, retried
from worker import leases
from worker.ledger import Record, keep, unread_id


def fall_back(*deliveries, id=None):
    for n, one in enumerate(deliveries):
        keep(Record(one, id or f"evt_{n}", "received", attempts=0))


def test_fallen_back_deliveries_are_applied_in_batches(ledger):
    fall_back(*[invoice(f"evt_{n}") for n in range(150)])

    assert drained() == {"handled": 150, "left": 0}
    assert {(k["status"], k["attempts"], k["lease_token"]) for k in ledger().values()} == {
        ("handled", 1, None)
    }


def test_a_delivery_that_fell_back_and_came_by_the_stream_too_is_applied_once(ledger, rows):
    fall_back(customer_event("evt_0"))
    put(customer_event("evt_0"))

    assert drained() == {"handled": 1, "left": 0}
    assert len(handlers.calls) == len(ledger()) == len(rows("stripe_customers")) == 1


def test_a_fallen_back_delivery_that_cannot_be_read_is_dead(ledger):
    sent = delivery(b"not JSON")
    fall_back(sent, id=unread_id(sent))

    assert drained() == {"dead": 1, "left": 0}
    assert ledger()[unread_id(sent)]["error"].startswith("Unreadable: the body is not JSON")


def test_a_fallen_back_delivery_is_leased_to_one_only(clean):
    fall_back(invoice("evt_0"))

    assert len(leases.fallen_back("stripe", 10)) == 1
    assert leases.fallen_back("stripe", 10) == []


def test_a_fallen_back_delivery_goes_to_the_retry_path_when_its_lease_expired(sql, ledger):
    fall_back(invoice("evt_0"))
    leases.fallen_back("stripe", 10)
    leases.expire("stripe")
    assert ledger()["evt_0"]["status"] == "received"

    sql.execute("UPDATE events SET lease_until = now() - interval '1 s'")
    leases.expire("stripe")
    kept = ledger()["evt_0"]
    assert (kept["status"], kept["attempts"], kept["lease_token"]) == ("retrying", 0, None)
    assert retried() == {"handled": 1}
    assert ledger()["evt_0"]["attempts"] == 1


def test_a_batch_that_lost_its_lease_applies_nothing_twice(sql, ledger):
    fall_back(invoice("evt_0"))

    def let_it_expire(_session, _event):
        raise AssertionError("the retry path alone may handle it")

    sql.execute("UPDATE events SET status = 'retrying', retry_at = now()")
    put(invoice("evt_0"))
    handlers.behaviour["invoice.paid"] = let_it_expire

    assert drained() == {"duplicate": 1, "left": 0}
    handlers.behaviour.clear()
    assert retried() == {"handled": 1}


def test_a_failing_one_among_the_fallen_back_is_retried_alone(ledger):
    def act(_session, event):
        if event.id == "evt_3":
            raise ValueError("a bug")

    handlers.behaviour["invoice.paid"] = act
    fall_back(*[invoice(f"evt_{n}") for n in range(8)])

    assert drained() == {"handled": 7, "retrying": 1, "left": 0}
    kept = ledger()["evt_3"]
    assert (kept["attempts"], kept["lease_token"]) == (1, None)


def test_when_it_came_is_kept_from_the_first_arrival(sql, ledger):
    fall_back(invoice("evt_0"))
    before = ledger()["evt_0"]["received_at"]
    put(invoice("evt_0"))
    drained()

    assert ledger()["evt_0"]["received_at"] == before


@pytest.mark.parametrize("status", ["handled", "ignored", "dead", "discarded"])
def test_what_is_settled_is_not_opened_again_by_another_delivery(status, sql, ledger):
    put(invoice("evt_0"))
    drained()
    sql.execute("UPDATE events SET status = %s", [status])
    put(invoice("evt_0"))

    assert drained() == {"duplicate": 1, "left": 0}
    assert ledger()["evt_0"]["status"] == status
