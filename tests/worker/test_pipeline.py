"""A batch of deliveries becomes rows and ledger entries, each once."""

from hashlib import sha256

import pytest
from sqlalchemy import text

from tests import handlers
from tests.worker import stories
from tests.worker.stories import customer_event, delivery, drained, invoice, put


def test_an_event_becomes_a_row_and_a_ledger_entry(rows, ledger):
    put(customer_event("evt_1", name="Ada", email="ada@example.com"))

    assert drained() == {"handled": 1, "left": 0}
    (row,) = rows("stripe_customers")
    assert (row["id"], row["name"], row["email"]) == ("cus_1", "Ada", "ada@example.com")
    assert (row["last_event_id"], row["clock"]) == ("evt_1", stories.T0 * 1000)
    assert ledger()["evt_1"]["status"] == "handled"


@pytest.mark.parametrize("batches", [[10], [1] * 10, [4, 1, 5]])
def test_ten_deliveries_of_one_event_have_the_effect_of_one(batches, rows, ledger):
    for size in batches:
        put(*[customer_event()] * size)
        drained()

    assert len(handlers.calls) == 1
    assert len(ledger()) == len(rows("stripe_customers")) == 1


def test_of_two_bodies_with_one_id_the_first_is_kept(rows, ledger):
    first, second = customer_event(name="First"), customer_event(name="Second")
    put(first, second)
    drained()

    assert ledger()["evt_1"]["body"] == first.body
    assert [row["name"] for row in rows("stripe_customers")] == ["First"]


def test_handlers_run_in_the_order_of_arrival_in_a_batch(clean):
    put(*[invoice(f"evt_{n}") for n in (3, 1, 2)])
    drained()

    assert [event.id for event in handlers.calls] == ["evt_3", "evt_1", "evt_2"]


def test_an_event_that_nobody_handles_is_ignored_and_kept_when_it_is_drained(ledger):
    sent = stories.stripe("evt_1", "radar.rule.made", {"object": "radar.rule", "id": "x"})
    put(sent)

    assert drained()["ignored"] == 1
    kept = ledger()["evt_1"]
    assert kept["reason"] == "nothing handles radar.rule.made"
    assert kept["body"] == sent.body


def test_an_event_of_the_other_mode_is_ignored_when_a_key_is_configured(live_key, rows, ledger):
    put(customer_event())
    drained()

    assert ledger()["evt_1"]["status"] == "ignored"
    assert "livemode is False" in ledger()["evt_1"]["reason"]
    assert rows("stripe_customers") == []


def test_either_mode_is_admitted_without_a_key(ledger):
    put(invoice("evt_1", livemode=True), invoice("evt_2", livemode=False))

    assert drained()["handled"] == 2


def test_a_body_that_cannot_be_read_is_dead_under_the_hash_of_its_bytes(ledger):
    body = b"\xff not JSON"
    put(delivery(body))

    assert drained()["dead"] == 1
    kept = ledger()[f"sha256:{sha256(body).hexdigest()}"]
    assert (kept["status"], kept["body"]) == ("dead", body)
    assert kept["error"] == "Unreadable: the body is not UTF-8"


def test_handlers_see_the_first_attempt_and_which_version_won(clean):
    put(customer_event("evt_old", at=stories.T0), customer_event("evt_new", at=stories.T0 + 1))
    drained()

    seen = {event.id: (event.attempt, event.fresh) for event in handlers.calls}
    assert seen == {"evt_old": (1, False), "evt_new": (1, True)}


def test_a_handler_sees_that_its_event_is_stale_when_a_newer_one_came_before(clean):
    put(customer_event("evt_new", at=stories.T0 + 1))
    drained()
    put(customer_event("evt_old", at=stories.T0))
    drained()

    assert handlers.calls[-1].fresh is False


def test_a_handler_reads_the_row_of_its_event_when_it_runs(clean):
    seen = []
    query = text("SELECT name FROM tallyman_test.stripe_customers")
    handlers.behaviour["customer.updated"] = lambda session, _: seen.append(
        session.execute(query).scalar_one()
    )
    put(customer_event(name="Ada"))
    drained()

    assert seen == ["Ada"]


def test_connected_accounts_never_mix_when_ids_are_the_same(rows):
    mine = stories.stripe("evt_1", "customer.updated", stories.customer(name="Mine"))
    theirs = stories.stripe("evt_2", "customer.updated", stories.customer(), account="acct_2")
    put(mine, theirs)
    drained()

    assert {row["account"] for row in rows("stripe_customers")} == {"", "acct_2"}


def test_a_drain_leaves_nothing_in_redis_when_all_is_applied(clean):
    put(*[invoice(f"evt_{n}") for n in range(250)])

    assert drained() == {"handled": 250, "left": 0}
